import { Failure } from "../model/failure.ts";
import { apiVersions } from "./api-versions.ts";
import type { Arm } from "./arm.ts";
import { pause } from "./pause.ts";
import { windowEnd } from "./retry-after.ts";
import type { Answer } from "./wire.ts";

/** Where is looked: in subscriptions, or below a management group. */
export type GraphScope =
  | { readonly subscriptions: readonly string[] }
  | { readonly managementGroups: readonly string[] };

/** What an answer of Resource Graph holds (arm-contract 6). */
interface GraphPage<Row> {
  readonly data?: readonly Row[];
  readonly resultTruncated?: string;
  readonly $skipToken?: string;
}

/** Rows of a page at most (arm-contract 6). */
const pageSize = 1000;

/**
 * All rows of a query, page by page. It must project `id`, without which there are no pages, and be ordered, without
 * which rows may come twice or never. What Resource Graph shows may be some minutes old.
 */
export async function queryGraph<Row>(arm: Arm, query: string, scope: GraphScope): Promise<Row[]> {
  const rows: Row[] = [];
  let token: string | undefined;
  do {
    const answer = await arm.send({
      method: "POST",
      path: "/providers/Microsoft.ResourceGraph/resources",
      apiVersion: apiVersions.resourceGraph,
      body: {
        query,
        ...scope,
        options: { $top: pageSize, resultFormat: "objectArray", ...(token && { $skipToken: token }) },
      },
      repeatable: true,
    });
    const page = answer.body as GraphPage<Row> | undefined;
    if (!Array.isArray(page?.data))
      throw new Failure("NoAnswer", "An answer of Resource Graph has no `data`.");
    rows.push(...page.data);
    token = page.$skipToken;
    if (!token && page.resultTruncated === "true") throw incomplete();
    await untilQuota(answer, arm.signal);
  } while (token);
  return rows;
}

/** Waits where the answer says that the next query of this window would be refused (guidance for throttled requests). */
async function untilQuota(answer: Answer, signal: AbortSignal): Promise<void> {
  if (answer.header("x-ms-user-quota-remaining") !== "0") return;
  await pause(windowEnd(answer.header("x-ms-user-quota-resets-after")) ?? 0, signal);
}

/** Half a fleet would pass for the whole. */
function incomplete(): Failure {
  return new Failure("IncompleteAnswer", "Resource Graph gave a part of the rows and no way to the others.", {
    remedy: "Run the step again; look at fewer subscriptions if it goes on.",
  });
}
