import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "@jest/globals";
import { makeCertificate } from "../../emulator/certificates.ts";
import { World } from "../../emulator/index.ts";
import type { JsonObject } from "../../emulator/json.ts";
import { ended, type Shown } from "./extension-talk.ts";
import { type Talk, talk } from "./talk.ts";

/** What the Azure CLI sent, condensed from a recording: nothing of it is ours. */
interface Recording {
  origin: string;
  apiVersion: string;
  cluster: string;
  location: string;
  requests: {
    case: string;
    method: string;
    extension: string;
    query?: string;
    body?: { properties: JsonObject };
  }[];
}

const file = path.join(import.meta.dirname, "../fixtures/az-k8s-extension.json");
const recording = JSON.parse(readFileSync(file, "utf8")) as Recording;
const pair = await makeCertificate({ names: ["ml.example.com"] });
const contents: Record<string, string> = {
  "scoringFe.sslCert": Buffer.from(pair.certificate).toString("base64"),
  "scoringFe.sslKey": Buffer.from(pair.privateKey).toString("base64"),
};

/** The recording has the place of the PEM files' contents marked. */
function withContents(body: Recording["requests"][number]["body"]): object | undefined {
  const hidden = body?.properties["configurationProtectedSettings"];
  if (!body || typeof hidden !== "object" || hidden === null) return body;
  const filled = Object.entries(hidden).map(([key, value]) => [key, contents[key] ?? value]);
  return { properties: { ...body.properties, configurationProtectedSettings: Object.fromEntries(filled) } };
}

function recordedWorld(): Talk {
  const [, , subscriptionId = ""] = recording.cluster.split("/");
  const world = new World({ subscriptionId, location: recording.location });
  world.addSubscription();
  world.addManagedCluster({ resourceGroup: "rg1", name: "aks1" });
  world.addDefaultApplications();
  return talk(world);
}

async function replay(one: Talk, upTo: string): Promise<{ statuses: string[]; shown: Shown | undefined }> {
  const statuses: string[] = [];
  let shown: Shown | undefined;
  for (const request of recording.requests) {
    const id = `${recording.cluster}/providers/Microsoft.KubernetesConfiguration/extensions/${request.extension}`;
    const query = request.query ? `?${request.query}` : "";
    const accepted = await one.arm(request.method, `${id}${query}`, {
      api: recording.apiVersion,
      ...(request.body && { body: withContents(request.body) }),
    });
    const watched = accepted.headers["azure-asyncoperation"] !== undefined;
    const end = watched ? (await ended(one, accepted)).status : "";
    statuses.push(`${request.case} ${request.method} ${accepted.status} ${end}`.trim());
    const said = await one.arm("GET", id, { api: recording.apiVersion });
    shown = said.status === 200 ? ((said.body as { properties: unknown }).properties as Shown) : undefined;
    if (request.case === upTo) break;
  }
  return { statuses, shown };
}

test("every write of the CLI is taken and ends as the CLI saw it", async () => {
  const one = recordedWorld();
  const { statuses } = await replay(one, "");
  expect(statuses).toEqual([
    "01-aks-training PUT 201 Succeeded",
    "04-aks-update-addinference-http PATCH 202 Succeeded",
    "05-aks-update-ssl PATCH 202 Succeeded",
    "06-aks-update-autoupgrade PATCH 202 Succeeded",
    "07-aks-delete DELETE 202 Succeeded",
    "10-aks-inference-https-files PUT 201 Succeeded",
    "11-aks-recreate-same-name PUT 200 Succeeded",
    "12-aks-delete-force-nowait DELETE 200",
    "13-aks-both-http PUT 201 Succeeded",
    "14-aks-inference-sslsecret PUT 201 Succeeded",
    "18-aks-train-version-train PUT 201 Succeeded",
  ]);
  expect(one.world.violations).toEqual([]);
  expect(one.world.brokenIn(recording.cluster)).toEqual([]);
});

describe("what each left", () => {
  test.each<[string, object | undefined]>([
    [
      "05-aks-update-ssl",
      { configurationSettings: { sslCname: "ml.example.com", inferenceRouterServiceType: "NodePort" } },
    ],
    [
      "06-aks-update-autoupgrade",
      {
        version: "1.1.44",
        currentVersion: "1.1.44",
        configurationProtectedSettings: { "scoringFe.sslKey": "" },
      },
    ],
    ["07-aks-delete", undefined],
    [
      "11-aks-recreate-same-name",
      { configurationProtectedSettings: {}, configurationSettings: { enableInference: "False" } },
    ],
    ["12-aks-delete-force-nowait", undefined],
    ["18-aks-train-version-train", { version: "1.1.44", currentVersion: "1.1.44" }],
  ])("%s", async (name, expected) => {
    const { shown } = await replay(recordedWorld(), name);
    if (expected === undefined) expect(shown).toBeUndefined();
    else expect(shown).toMatchObject({ provisioningState: "Succeeded", ...expected });
  });
});

test("the recording is the CLI's own", () => {
  expect(recording.origin).toBe("Azure CLI 2.91, k8s-extension 1.7.0");
  expect(recording.requests.filter(({ method }) => method !== "DELETE")).toHaveLength(9);
});
