import { describe, expect, test } from "@jest/globals";
import {
  type Arrange,
  aks,
  arc,
  broken,
  clusterOf,
  compute,
  kubeconfig,
} from "../support/catalogue-worlds.ts";
import { leakedPieces, leaks } from "../support/secret-scanner.ts";
import { asked, verifyIn } from "./verify-scenes.ts";

const leaky: Arrange = (world) => {
  for (const which of ["aks", "arc"] as const)
    Object.assign(world.kubernetes(clusterOf(world, which)).knobs, { leakyLogs: true });
  return undefined;
};

describe("diagnostics (W1)", () => {
  test("hold descriptions, events and log tails of what is wrong, and of the router", async () => {
    const { host, report } = await verifyIn([...aks, compute(), broken("crash-loop"), broken("image-pull")]);
    const files = host.said.files;
    expect(Object.keys(files).filter((name) => !name.includes("/logs/"))).toEqual(
      [
        "extension.json",
        "pods.json",
        "events.txt",
        "workloads.json",
        "services.json",
        "nodes.json",
        "health-report.txt",
      ].map((name) => `diagnostics/${name}`),
    );
    const logs = Object.keys(files).filter((name) => name.includes("/logs/"));
    expect(
      logs.filter((name) => /inference-operator-\S+\.manager(\.previous)?\.log$/.test(name)),
    ).toHaveLength(2);
    expect(logs.filter((name) => /azureml-fe-v2-\S+\.log$/.test(name))).toHaveLength(3);
    expect(logs.some((name) => name.includes("healthcheck"))).toBe(true);
    const text = (pattern: RegExp) =>
      files[Object.keys(files).find((name) => pattern.test(name)) ?? ""] ?? "";
    expect(text(/manager\.previous\.log$/)).toContain("unable to start manager");
    expect(text(/events\.txt$/)).toMatch(/Warning Failed Pod\/aml-operator-\S+ x\d+ .*403 Forbidden/);
    expect(JSON.parse(text(/pods\.json$/))[0]).toMatchObject({ ready: false });
    expect(report.gate?.diagnostics).toBe("memory:diagnostics");
    expect(host.said.outputs["diagnostics"]).toBe("memory:diagnostics");
  });

  test("are collected for a warning too, and not for what is well", async () => {
    const warned = await verifyIn([...aks, broken("volcano-of-others")]);
    expect(warned.host.said.outputs["diagnostics"]).toBe("memory:diagnostics");
    const well = await verifyIn(aks);
    expect(well.host.said.files).toEqual({});
    expect(well.host.said.outputs["diagnostics"]).toBeUndefined();
  });

  test("are left out where nobody wants them: no log is read", async () => {
    const run = await verifyIn([...aks, broken("crash-loop")], () => ({ inputs: { diagnostics: "false" } }));
    expect(run.host.said.files).toEqual({});
    expect(asked(run.world, /\/log$/)).toEqual([]);
    expect(asked(run.world, /listClusterUserCredential$/)).toHaveLength(1);
  });

  test("of a cluster that Azure alone tells of hold what Azure says", async () => {
    const run = await verifyIn([...arc, broken("E40001", "arc"), () => ({ kubeconfig: "" })]);
    expect(Object.keys(run.host.said.files)).toEqual(["diagnostics/extension.json"]);
    expect(run.host.said.files["diagnostics/extension.json"]).toContain("relayServerConnectionString");
    expect(leaks(run.host.said.files, run.world.secrets)).toEqual([]);
  });

  test("a folder that can't be written costs no verdict", async () => {
    const run = await verifyIn([...aks, broken("crash-loop")], undefined, (host) => {
      host.writeFolder = async () => {
        throw Object.assign(new Error("EROFS: read-only file system"), { code: "EROFS" });
      };
    });
    expect(run.report.error).toMatchObject({ code: "VerificationFailed" });
    expect(run.report.gate?.verdict).toBe("fail");
  });

  test.each([
    ["a client key", [...aks, kubeconfig("aks", "certificate")]],
    ["AKS user credentials", aks],
    ["a token", arc],
  ])("a log that prints secrets: keys and tokens are taken out, for who came by %s", async (way, arrange) => {
    const kinds = ["crash-loop", "image-pull"] as const;
    const run = await verifyIn([
      ...arrange,
      leaky,
      ...kinds.flatMap((kind) => [broken(kind), broken(kind, "arc")]),
    ]);
    const logs = Object.entries(run.host.said.files).filter(([name]) => name.includes("/logs/"));
    expect(logs.join()).toContain("DEBUG configuration");
    // Passwords of others look like any other word: what is known, and what is known by its looks, is taken out.
    const looks = /^-----BEGIN|^LS0tLS1C|^eyJ|^Endpoint=/;
    const secrets = [...run.world.secrets].filter((secret) => looks.test(secret));
    expect(secrets.length).toBeGreaterThan(8);
    const { token } = run.world.clusters.of(run.report.target.clusterId ?? "");
    const known = [run.world.application.secret, ...(way === "a client key" ? [] : [token])];
    expect(leaks(Object.fromEntries(logs), [...secrets, ...known])).toEqual([]);
    // The end of a key's PEM is the public key, which its certificate shows as well.
    const pems = secrets.filter((secret) => secret.startsWith("-----BEGIN"));
    const keys = pems.map((pem) => pem.split("\n").slice(0, 2).join("\n"));
    expect(leakedPieces(Object.fromEntries(logs), keys)).toEqual([]);
  });
});
