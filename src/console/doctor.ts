import type { ConsoleHost } from "../host/console.ts";
import { columns, type Look as Looks, mark, refusalView } from "../host/report-view.ts";
import { harmlessAll } from "../host/terminal.ts";
import { formatDuration } from "../model/duration.ts";
import { doctorInputs, type Examination, type Look } from "../model/examination.ts";
import { exitCodes } from "../model/exit-codes.ts";
import { type CommandManual, manual } from "../model/manual.ts";

/** What the doctor takes: inputs of the actions, in their own words. */
export const doctorManual: CommandManual = {
  text: "Looks whether everything is there that a run needs: credential, cloud, resource providers, workspace, cluster, and the rights on them; as far as it is told of them. It sends nothing but reads.",
  inputs: doctorInputs.flatMap((name) => {
    const input = manual["verify-extension"].inputs.find((one) => one.name === name);
    if (!input) return [];
    return [name === "timeout" ? { ...input, default: "2m" } : input];
  }),
  example: {
    "resource-group": "ml-prod",
    "workspace-name": "ml-prod-weu",
    "cluster-resource-id": "$CLUSTER_ID",
  },
};

/** Tells what the doctor found. @returns the exit code. */
export async function tell(examination: Examination, host: ConsoleHost): Promise<number> {
  const { error, healthy } = examination;
  const shown = harmlessAll(examination);
  const view = shown.error
    ? refusalView("doctor", shown.error, host.look)
    : examinationView(shown, host.look);
  await host.result(view, examination);
  if (host.cancellation.aborted) return exitCodes.cancelled;
  if (error) return error.code === "InvalidInput" ? exitCodes.usage : exitCodes.failed;
  return healthy ? exitCodes.done : exitCodes.failed;
}

function examinationView({ looks, healthy, milliseconds, correlationId }: Examination, look: Looks): string {
  const rows = looks.map((one) => [mark(one.result, look), one.subject, said(one, look)]);
  const counted = looks.filter(({ result }) => result === "bad").length;
  const verdict = healthy
    ? look.paint(["bold", "green"], "Nothing is broken")
    : look.paint(["bold", "red"], counted === 1 ? "One thing is broken" : `${counted} things are broken`);
  return [
    columns(rows, [1, 18], look.width),
    `${mark(healthy ? "good" : "bad", look)} ${verdict}, ${formatDuration(milliseconds)}`,
    columns([[look.paint("dim", "correlation id"), correlationId]], [14], look.width),
  ].join("\n");
}

function said({ seen, remedy, link }: Look, { worded, paint }: Looks): string {
  return [
    worded(seen),
    ...(remedy ? [`→ ${worded(remedy)}`] : []),
    ...(link ? [`→ ${paint("underline", link)}`] : []),
  ].join("\n");
}
