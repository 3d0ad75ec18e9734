import { describe, expect, test } from "@jest/globals";
import { aksId, arcId, scene, workspaceId } from "../support/scene.ts";
import { tlsPair } from "../support/tls-pair.ts";
import { legacyScene, pair } from "./update-scenes.ts";

const other = await tlsPair();
const replace = { "on-difference": "replace" };
const own = { "ssl-cert-pem": pair.certificate, "ssl-key-pem": pair.key, "ssl-cname": pair.cname };
const renewed = {
  "ssl-cert-pem": other.certificate,
  "ssl-key-pem": other.key,
  "ssl-cname": other.cname,
};
const kinds = (report: { plan?: { steps: readonly { kind: string }[] } }) =>
  report.plan?.steps.map(({ kind }) => kind);

describe("attach with on-difference: replace, of a legacy compute", () => {
  test.each([
    ["another purpose", { ...own, "cluster-purpose": "DevTest" }, /clusterPurpose: wanted "DevTest"/],
    ["a certificate that only the cluster knows to be another one", renewed, /holds another certificate/],
    ["no TLS any more", {}, /sslConfiguration\.status: wanted "Disabled"/],
  ])("A6: %s is one step, and the second time there is nothing to do", async (_title, inputs, reason) => {
    const s = legacyScene();
    const { report } = await s.attach({ ...inputs, ...replace });
    expect(report.error).toBeUndefined();
    expect(report.plan?.steps.find(({ kind }) => kind === "detach-compute")?.reason).toMatch(reason);
    expect(s.state()).toMatchObject({ state: "Succeeded", journal: false, lease: false, tag: undefined });
    const again = await s.attach({ ...inputs, ...replace });
    expect(again.report).toMatchObject({ verdict: "unchanged", changed: false });
  });

  test.each([
    ["its API gives no credentials", { method: "POST", url: "listClusterUserCredential" }, 500],
    ["its secret can't be read", { method: "GET", url: "/secrets/azuremlfessl" }, 403],
    ["it holds no certificate", { method: "GET", url: "/secrets/azuremlfessl" }, 404],
  ])(
    "a certificate that can't be compared, since %s, is not said to be right",
    async (_title, match, status) => {
      const s = legacyScene();
      const before = s.state();
      s.world.faults.push({ kind: "status", status, match, count: 1_000_000 });
      const { report } = await s.attach({ ...renewed, "ssl-cname": pair.cname, ...replace });
      expect(report.error?.code).toBe("CertificateUnseen");
      expect(s.state()).toEqual(before);
    },
  );

  test("behind run-command a certificate can't be compared, which is told", async () => {
    const s = legacyScene();
    s.change(["properties", "apiServerAccessProfile"], { enablePrivateCluster: true });
    const { exit, report } = await s.attach({ ...renewed, "ssl-cname": pair.cname, ...replace });
    expect(exit).toBe(0);
    expect(report.findings).toContainEqual(
      expect.objectContaining({ id: "certificate-unseen", severity: "warning" }),
    );
  });

  test("what is left open stays as it was", async () => {
    const s = legacyScene({ tls: false });
    await s.attach({ "load-balancer-type": "InternalLoadBalancer" });
    await s.attach({ "cluster-purpose": "DevTest", ...replace });
    expect(s.state().settings).toMatchObject({
      clusterPurpose: "DevTest",
      loadBalancerType: "InternalLoadBalancer",
    });
  });

  test("a load balancer alone is changed in place, with no detach (B2)", async () => {
    const s = legacyScene({ tls: false });
    const { report } = await s.attach({ "load-balancer-type": "InternalLoadBalancer", ...replace });
    expect(kinds(report)).toEqual(["update-compute"]);
  });

  test.each([
    ["before the tag is taken off", /tags\/default$/, false, 2],
    ["before the lease is released", /^DELETE .*leases/, false, 1],
    ["after the detach, before its answer", /^DELETE .*computes\/gpu$/, true, 1],
  ])("a run that dies %s is made whole by one more", async (_title, pattern, after, time) => {
    const inputs = { ...renewed, ...replace };
    const whole = legacyScene();
    const { requests } = await whole.attach(inputs);
    const nth = requests.flatMap((line, index) => (pattern.test(line) ? [index + 1] : []))[time - 1] ?? 0;
    expect(nth).toBeGreaterThan(0);
    const s = legacyScene();
    await s.attach(inputs, { nth, after });
    // The lease of the dead run runs out; one that is still valid may be a living run's.
    s.world.clock.advance(120_000);
    const { report } = await s.attach(inputs);
    expect(report.error).toBeUndefined();
    expect(s.state()).toEqual(whole.state());
  });
});

describe("attach with on-difference: replace, of a Kubernetes compute", () => {
  function attached() {
    const s = scene();
    const properties = { resourceId: aksId(s.world), properties: { namespace: "default" } };
    s.world.addCompute(workspaceId(s.world), { name: "gpu", properties });
    return s;
  }

  test("A6: another namespace", async () => {
    const s = attached();
    const { report } = await s.attach({ namespace: "team-b", ...replace });
    expect(report.error).toBeUndefined();
    expect(kinds(report)).not.toContain("clean-leftovers");
    const { body } = s.world.resource(`${workspaceId(s.world)}/computes/gpu`) ?? {};
    expect(body?.["properties"]).toMatchObject({ properties: { namespace: "team-b" } });
    expect(s.world.violations).toEqual([]);
  });

  test("another cluster: the journal lies where the compute was", async () => {
    const s = attached();
    const { report } = await s.attach({ "cluster-resource-id": arcId(s.world), ...replace });
    expect(report.error).toBeUndefined();
    const { body } = s.world.resource(`${workspaceId(s.world)}/computes/gpu`) ?? {};
    expect(body?.["properties"]).toMatchObject({ resourceId: arcId(s.world) });
  });

  test("dry run: the plan, and no write", async () => {
    const s = attached();
    const { report } = await s.attach({ namespace: "team-b", ...replace, "dry-run": "true" });
    expect(report.verdict).toBe("planned");
    expect(s.written().filter((line) => !line.includes("listClusterUserCredential"))).toEqual([]);
  });

  test.each([
    ["that is to be replaced is refused in good time", true],
    ["that is not there yet is attached all the same", false],
  ])("nobody answers at the API server: a compute %s", async (_title, isThere) => {
    const s = isThere ? attached() : scene();
    s.world.faults.push({ kind: "hang", match: { url: "hcp\\..*/apis?/" }, count: 1_000_000 });
    const { report } = await s.attach({ ...(isThere && { namespace: "team-b" }), ...replace });
    expect(report.error?.code).toBe(isThere ? "JournalUnreachable" : undefined);
    expect(report.state).toBe("Succeeded");
    expect(report.milliseconds).toBeLessThan(5 * 60_000);
  });

  test("a plain attach looks for no journal where no tag leads to one", async () => {
    const s = attached();
    await s.attach();
    expect(s.requests().join()).not.toContain("listClusterUserCredential");
  });
});
