import { describe, expect, test } from "@jest/globals";
import { attach } from "../../src/actions/attach.ts";
import { fleetRequest } from "../../src/actions/targets.ts";
import { verifyRequest } from "../../src/actions/verify-request.ts";
import { memoryHost } from "../../src/host/memory.ts";
import type { Failure } from "../../src/model/failure.ts";

type Inputs = Readonly<Record<string, string>>;

const subscription = "22222222-2222-4222-8222-222222222222";
const group = `/subscriptions/${subscription}/resourceGroups/rg1/providers`;
const workspace = `${group}/Microsoft.MachineLearningServices/workspaces/ws1`;
const cluster = `${group}/Microsoft.ContainerService/managedClusters/aks1`;
const compute = `${workspace}/computes/gpu`;
const place = { "subscription-id": subscription, "resource-group": "rg1", "workspace-name": "ws1" };

const kubeconfig = JSON.stringify({
  apiVersion: "v1",
  kind: "Config",
  clusters: [{ name: "one", cluster: { server: "https://cluster.test" } }],
  users: [{ name: "me", user: { token: "t" } }],
  contexts: [{ name: "it", context: { cluster: "one", user: "me" } }],
  "current-context": "it",
});

async function verifying(
  inputs: Inputs,
  more: { environment?: Record<string, string>; files?: Inputs } = {},
) {
  const host = memoryHost({ inputs, ...more, files: { ...more.files } });
  return fleetRequest(host, "verify-extension", verifyRequest);
}
const problems = (inputs: Inputs, more: Parameters<typeof verifying>[1] = {}): Promise<readonly string[]> =>
  verifying(inputs, more).then(
    () => [],
    ({ code, details }: Failure) => (code === "InvalidInput" ? details : [code]),
  );

describe("the forms of `targets`", () => {
  const named = { computeName: "gpu", workspace: expect.objectContaining({ name: "ws1" }) };

  test.each<[string, string]>([
    ["resource ids", JSON.stringify([compute, cluster])],
    ["resource ids in YAML", `- ${compute}\n- ${cluster}`],
    ["a map of them", JSON.stringify({ targets: [compute, cluster] })],
    [
      "the matrix of discover",
      JSON.stringify({
        include: [{ targets: JSON.stringify([compute]) }, { targets: JSON.stringify([cluster]) }],
      }),
    ],
    [
      "maps of inputs",
      JSON.stringify([{ ...place, "compute-name": "gpu" }, { "cluster-resource-id": cluster }]),
    ],
  ])("%s", async (_title, text) => {
    for (const inputs of [{ targets: text }, { targets: "targets.yml" }]) {
      // YAML without a bracket can only be a file's.
      if (!/^[[{]/.test(inputs.targets) && inputs.targets !== "targets.yml") continue;
      const { members } = await verifying(inputs, { files: { "targets.yml": text } });
      expect(members).toMatchObject([
        { compute: named, clusterId: undefined },
        { compute: undefined, clusterId: cluster },
      ]);
    }
  });

  test("inputs of the run are those of every target, its own come first", async () => {
    const targets = JSON.stringify([{ "compute-name": "one" }, { "compute-name": "two", "wait-for": "1m" }]);
    const { members, terms } = await verifying({ ...place, targets, "wait-for": "0s", "fail-on": "never" });
    expect(members).toMatchObject([
      { compute: { computeName: "one" }, waitFor: 0, failOn: "never" },
      { compute: { computeName: "two" }, waitFor: 60_000, failOn: "never" },
    ]);
    expect(terms).toEqual({ concurrency: 8, waves: [], maxFailures: undefined });
  });

  test("the variable KUBECONFIG names one cluster's file, which is no fleet's", async () => {
    const { members } = await verifying(
      { targets: JSON.stringify([cluster]) },
      { environment: { KUBECONFIG: "config" }, files: { config: "apiVersion: v1" } },
    );
    expect(members[0]?.kubeconfig).toBeUndefined();
  });

  test("a name in braces is a variable of the step, so that no secret has to stand in the file", async () => {
    const target = { "cluster-resource-id": cluster, kubeconfig: `\${KUBE_ONE}` };
    const targets = JSON.stringify([target]);
    const environment = { KUBE_ONE: kubeconfig };
    const { members } = await verifying(
      { targets: "targets.yml" },
      { files: { "targets.yml": targets }, environment },
    );
    expect(members).toMatchObject([{ kubeconfig }]);
    expect(await problems({ targets })).toEqual([
      expect.stringMatching(
        /^targets\[0\]\.kubeconfig: not given; accepted: .*only for a variable that the step has/,
      ),
    ]);
    // A part of a text is a text.
    const part = JSON.stringify([{ ...target, kubeconfig: `a\${KUBE_ONE}` }]);
    expect(await problems({ targets: part }, { environment })).toEqual([
      expect.stringMatching(/^targets\[0\]: kubeconfig: given "\(hidden\)"/),
    ]);
  });

  test("a YAML file keeps what was written: 1.30 is no 1.3", async () => {
    const file = `- cluster-resource-id: ${cluster}\n  wait-for: 90s\n`;
    const { members } = await verifying({ targets: "t.yml" }, { files: { "t.yml": file } });
    expect(members).toMatchObject([{ clusterId: cluster, waitFor: 90_000 }]);
  });

  test("attach takes them too, with a namespace for all and one for itself", async () => {
    const own = { ...place, "compute-name": "gpu", "cluster-resource-id": cluster };
    const targets = JSON.stringify([own, { ...own, "compute-name": "cpu", namespace: "b" }]);
    const host = memoryHost({ inputs: { targets, namespace: "a" } });
    const { members } = await fleetRequest(host, "attach", attach.request);
    expect(members.map(({ attachment }) => "namespace" in attachment && attachment.namespace)).toEqual([
      "a",
      "b",
    ]);
  });
});

describe("what is wrong is told at once", () => {
  test.each<[string, Inputs, RegExp]>([
    ["no list", { targets: "{}" }, /^targets: given "\{\}"; accepted: .*discover/],
    ["no file", { targets: "none.yml" }, /^targets: given "none.yml"/],
    ["broken JSON", { targets: "[1" }, /^targets: given/],
    ["an id that is none", { targets: '["gpu"]' }, /^targets\[0\]: given "gpu"; accepted: the resource id/],
    ["a number", { targets: "[1]" }, /^targets\[0\]: not given; accepted: a resource id/],
    [
      "an unknown key",
      { targets: `[{"cluster-resource-id":"${cluster}","size":"1"}]` },
      /^targets\[0\]\.size: .*no such key/,
    ],
    [
      "an input of the run",
      { targets: `[{"cluster-resource-id":"${cluster}","timeout":"1m"}]` },
      /^targets\[0\]\.timeout/,
    ],
    [
      "a list for a text",
      { targets: `[{"cluster-resource-id":["${cluster}"]}]` },
      /^targets\[0\]\.cluster-resource-id: .*text/,
    ],
    [
      "one twice",
      {
        targets: JSON.stringify([compute, compute.toUpperCase().replace("/SUBSCRIPTIONS", "/subscriptions")]),
      },
      /^targets\[1\]: .*same as targets\[0\]/,
    ],
    [
      "a cluster beside them",
      { targets: "[]", "cluster-resource-id": cluster },
      /^cluster-resource-id: .*nothing beside/,
    ],
    [
      "a kubeconfig beside them",
      { targets: "[]", kubeconfig: "secret" },
      /^kubeconfig: given "\(hidden\)"; accepted: nothing beside/,
    ],
    ["waves that shrink", { targets: "[]", waves: "10%, 5%" }, /^waves: .*each more than/],
    ["no wave", { targets: "[]", waves: "all" }, /^waves: /],
    ["too many at a time", { targets: "[]", concurrency: "1000" }, /^concurrency: .*256/],
    ["no failure allowed", { targets: "[]", "max-failures": "0" }, /^max-failures: .*from 1/],
  ])("%s", async (_title, inputs, problem) => {
    expect(await problems(inputs)).toEqual(expect.arrayContaining([expect.stringMatching(problem)]));
  });

  test("the problems of every target and of the run together", async () => {
    const bad = { ...place, "compute-name": "-", "wait-for": "soon" };
    const found = await problems({ targets: JSON.stringify([compute, bad]), concurrency: "none" });
    expect(found).toEqual([
      expect.stringMatching(/^concurrency: /),
      expect.stringMatching(/^targets\[1\]: compute-name: /),
      expect.stringMatching(/^targets\[1\]: wait-for: /),
    ]);
  });
});
