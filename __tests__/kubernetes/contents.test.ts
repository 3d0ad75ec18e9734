import { describe, expect, test } from "@jest/globals";
import { makeCertificate, type World } from "../../emulator/index.ts";
import { DirectApi } from "../../src/kubernetes/cluster-api.ts";
import { readContents, type Wanted } from "../../src/kubernetes/contents.ts";
import { readKubeconfig } from "../../src/kubernetes/kubeconfig.ts";
import { present } from "../../src/model/observed.ts";
import { bareWorld } from "../actions/deploy-scenes.ts";
import { aksId } from "../support/scene.ts";
import { virtually } from "../support/virtual-time.ts";
import { connected } from "./talking.ts";

/** Reads what is in the AKS cluster of a world. */
async function contentsOf(world: World, wanted: Partial<Wanted> = {}) {
  const { azure } = await virtually(() => connected(world));
  const access = readKubeconfig(await world.kubeconfigOf(aksId(world), { user: "token" }));
  const api = new DirectApi("test", azure.wire, access, async () => access.token);
  return virtually(() => readContents(api, { openshift: false, capacity: false, ...wanted }));
}

const withExtension = () => {
  const world = bareWorld();
  world.addExtension(aksId(world));
  return world;
};
const asked = (world: World) =>
  world.exchanges.filter(({ host }) => host === "kubernetes").map(({ url }) => new URL(url).pathname);

describe("what is read of a cluster", () => {
  test("of an empty one is told as absent or empty, never as a failure", async () => {
    const seen = await contentsOf(bareWorld());
    expect(seen).toMatchObject({
      way: "test",
      namespace: { is: "absent" },
      workloads: { is: "present", value: [] },
      healthReport: { is: "absent" },
      legacyRouter: { is: "present", value: [] },
      others: { is: "present", value: [] },
    });
    expect(present(seen.nodes)).toHaveLength(3);
    expect(seen).not.toHaveProperty("used");
    expect(seen).not.toHaveProperty("tlsSecret");
  });

  test("only what is needed: capacity, secret, namespace and OpenShift where they are asked for", async () => {
    const world = withExtension();
    const seen = await contentsOf(world, {
      capacity: true,
      tlsSecret: "tls",
      computeNamespace: "team-a",
      openshift: true,
    });
    expect(present(seen.used ?? { is: "absent" })?.size).toBe(3);
    expect(seen.tlsSecret?.is).toBe("absent");
    expect(seen.computeNamespace?.is).toBe("absent");
    // Not an OpenShift: there is no such thing as a security context constraint.
    expect(seen.privileged?.is).toBe("absent");
  });

  test("leaves out what the review refuses, and names the rule that is missing", async () => {
    const world = withExtension();
    world.kubernetesDeny(aksId(world), { verb: "list", resource: "events" });
    const { events } = await contentsOf(world);
    expect(events).toMatchObject({
      is: "denied",
      why: { remedy: expect.stringContaining('{apiGroups: [""], resources: ["events"], verbs: ["list"]}') },
    });
    expect(asked(world).filter((path) => path.endsWith("/events"))).toEqual([]);
  });

  test("where the review itself is refused, the reads tell", async () => {
    const world = withExtension();
    world.faults.push({
      match: { url: /selfsubjectrulesreviews/ },
      kind: "status",
      status: 403,
      code: "Forbidden",
    });
    world.kubernetesDeny(aksId(world), { verb: "list", resource: "nodes" });
    const { nodes, pods } = await contentsOf(world);
    expect([nodes.is, pods.is]).toEqual(["denied", "present"]);
    expect(asked(world)).toContain("/api/v1/nodes");
  });

  test("one part that fails costs no other", async () => {
    const world = withExtension();
    world.faults.push({ match: { url: /namespaces\/azureml\/pods/ }, kind: "reset", count: 1_000_000 });
    const { pods, nodes, workloads } = await contentsOf(world);
    expect([pods.is, nodes.is, workloads.is]).toEqual(["denied", "present", "present"]);
  });

  test("a server that answers nothing at all is a failure", async () => {
    const world = withExtension();
    world.faults.push({ match: { url: /aks1-dns/, method: "GET" }, kind: "reset", count: 1_000_000 });
    await expect(contentsOf(world)).rejects.toMatchObject({ code: "NoAnswer" });
  });

  test("a token that is not taken is a failure, told once", async () => {
    const world = withExtension();
    world.faults.push({
      match: { url: /aks1-dns/ },
      kind: "status",
      status: 401,
      code: "Unauthorized",
      count: 99,
    });
    await expect(contentsOf(world)).rejects.toMatchObject({ status: 401 });
    expect(asked(world)).toHaveLength(1);
  });
});

describe("the secret of a certificate", () => {
  const base64 = (text: string) => Buffer.from(text).toString("base64");

  test.each(["matches", "differs", "missing"] as const)(
    "whose key %s: the certificate leaves, the key never does",
    async (key) => {
      const world = withExtension();
      const pair = await makeCertificate({ names: ["ml.example.com"] });
      const other = await makeCertificate({ names: ["ml.example.com"] });
      const keys = { matches: pair.privateKey, differs: other.privateKey, missing: "" };
      world.kubernetes(aksId(world)).put({
        apiVersion: "v1",
        kind: "Secret",
        metadata: { name: "tls", namespace: "azureml" },
        data: {
          "cert.pem": base64(pair.certificate),
          ...(key !== "missing" && { "key.pem": base64(keys[key]) }),
        },
      });
      const { tlsSecret } = await contentsOf(world, { tlsSecret: "tls" });
      expect(tlsSecret).toEqual({ is: "present", value: { certificate: pair.certificate, key } });
      expect(JSON.stringify(tlsSecret)).not.toContain("PRIVATE KEY");
    },
  );
});

test("all eight objects of the legacy router are seen, those of the extension are not (extension.md 8)", async () => {
  const world = bareWorld();
  world.breakCluster(aksId(world), "legacy-router");
  const { legacyRouter } = await contentsOf(world);
  expect(present(legacyRouter)?.map(({ kind, namespace, name }) => `${kind} ${namespace}/${name}`)).toEqual([
    "ServiceAccount default/azureml-fe",
    "Deployment default/azureml-fe",
    "Service default/azureml-fe",
    "Service default/azureml-fe-int-http",
    "ClusterRole /azureml-fe-role",
    "ClusterRoleBinding /azureml-fe-binding",
    "Secret default/azuremlfessl",
    "ConfigMap default/azuremlfeconfig",
  ]);
  const own = withExtension();
  own.clusters.of(aksId(own)).knobs.ownsRouterRole = true;
  expect((await contentsOf(own)).legacyRouter).toEqual({ is: "present", value: [] });
});
