import { describe, expect, test } from "@jest/globals";
import { typeOfKind } from "../../emulator/kubernetes/resource-types.ts";
import { after } from "../../src/actions/after.ts";
import { workspaceId } from "../support/scene.ts";
import { tlsPair } from "../support/tls-pair.ts";
import { legacyScene, pair } from "./update-scenes.ts";

const renewed = await tlsPair();
const ended = await tlsPair({ days: -0.5 });
const given = { "ssl-cert-pem": renewed.certificate, "ssl-key-pem": renewed.key };
const computeId = (s: ReturnType<typeof legacyScene>) => `${workspaceId(s.world)}/computes/gpu`;
const kinds = (report: { plan?: { steps: readonly { kind: string }[] } }) =>
  report.plan?.steps.map(({ kind }) => kind);
const whole = [
  "hold-lease",
  "write-journal",
  "detach-compute",
  "clean-leftovers",
  "create-compute",
  "verify-compute",
  "delete-journal",
];

/** The number of the request at which a run is cut off. */
async function pointOf(pattern: RegExp, options?: Parameters<typeof legacyScene>[0]): Promise<number> {
  const { requests } = await legacyScene(options).update();
  const at = requests.findIndex((line) => pattern.test(line));
  if (at === -1) throw new Error(`no request ${pattern}`);
  return at + 1;
}

const detaching = /^DELETE .*\/computes\/gpu$/;
const attaching = /^PUT .*\/computes\/gpu$/;

describe("update-components of a legacy compute", () => {
  test.each([
    ["and removes what the old router left", false],
    ["and leaves the router alone while web services run", true],
  ])("U1, U2: detaches and attaches with the same settings and certificate, %s", async (_title, services) => {
    const s = legacyScene({ services });
    const before = s.state();
    const { report, host, requests } = await s.update();
    expect(report.error).toBeUndefined();
    expect(kinds(report)).toEqual(whole);
    expect(report).toMatchObject({ verdict: "done", changed: true, state: "Succeeded" });
    expect(s.state()).toEqual(before);
    const deleted = requests.filter((line) => /^DELETE .*(azuremlfessl|azureml-fe)/.test(line));
    expect(deleted.length > 0).toBe(!services);
    expect(host.said.outputs).toMatchObject({ "cluster-id": s.clusterId, changed: "true" });
    expect(s.world.violations).toEqual([]);
  });

  test("the load balancer of the old router takes minutes to go: it is waited for, and deleted once", async () => {
    const s = legacyScene();
    s.world.knobs.balancerCleanupSeconds = 180;
    const before = s.state();
    const { report, requests } = await s.update();
    expect(report.error).toBeUndefined();
    expect(s.state()).toEqual(before);
    expect(requests.filter((line) => /^DELETE .*services\/azureml-fe$/.test(line))).toHaveLength(1);
  });

  test("a load balancer that never goes ends the run with what is left, and how to go on", async () => {
    const s = legacyScene();
    s.world.knobs.balancerCleanupSeconds = 1_000_000;
    const { report } = await s.update();
    expect(report.error).toMatchObject({
      code: "LeftoversRemain",
      message: expect.stringMatching(/removed: Service azureml-fe\. The compute "gpu" is detached/),
      remedy: expect.stringContaining("azureml-clusters update-components"),
    });
    expect(s.state()).toMatchObject({ state: "Absent", journal: true, lease: false });
    s.world.knobs.balancerCleanupSeconds = 0;
    expect((await s.update()).report.error).toBeUndefined();
    expect(s.state()).toMatchObject({ state: "Succeeded", journal: false });
  });

  test("U2: a certificate that is given takes the place of the present one, under the same name", async () => {
    const s = legacyScene();
    const { report } = await s.update(given);
    expect(report.error).toBeUndefined();
    const { certificate = "", settings } = s.state();
    expect(Buffer.from(certificate, "base64").toString()).toBe(renewed.certificate);
    expect(settings?.["sslConfiguration"]).toMatchObject({ status: "Enabled", cname: pair.cname });
  });

  test("a compute without TLS needs no certificate", async () => {
    const s = legacyScene({ tls: false });
    expect((await s.update({ verify: "false" })).report.error).toBeUndefined();
    expect(s.state()).toMatchObject({ state: "Succeeded", journal: false, lease: false });
  });

  test("dry run: the plan is shown, nothing is written", async () => {
    const s = legacyScene();
    const { report, requests } = await s.update({ "dry-run": "true" });
    expect(report.verdict).toBe("planned");
    expect(kinds(report)).toEqual(whole);
    const written = requests.filter((line) => /^(PUT|PATCH|DELETE) |^POST .*(secrets|leases)$/.test(line));
    expect(written).toEqual([]);
  });

  test("the key is nowhere but in the cluster", async () => {
    const s = legacyScene();
    const { host } = await s.update();
    const lines = pair.key.split("\n").filter((line) => !line.startsWith("-----") && line !== "");
    const told = JSON.stringify({ ...host.said, masks: [] });
    for (const line of lines) expect(told).not.toContain(line);
  });
});

describe("U3: before anything is detached", () => {
  test.each([
    [
      "the certificate in the cluster has ended",
      "TlsUnusable",
      (s: ReturnType<typeof legacyScene>) => s.hold(ended),
    ],
    [
      "the key is not that of the certificate",
      "TlsUnusable",
      (s: ReturnType<typeof legacyScene>) => s.hold({ ...pair, key: renewed.key }),
    ],
    [
      "the cluster holds no certificate",
      "TlsNotFound",
      (s: ReturnType<typeof legacyScene>) =>
        s.objects.delete(typeOfKind("Secret"), "default", "azuremlfessl"),
    ],
    [
      "the cluster is private",
      "JournalUnreachable",
      (s: ReturnType<typeof legacyScene>) =>
        s.change(["properties", "apiServerAccessProfile"], { enablePrivateCluster: true }),
    ],
    [
      "the identity may not write secrets",
      "ClusterRightsMissing",
      (s: ReturnType<typeof legacyScene>) =>
        s.world.kubernetesDeny(s.clusterId, { verb: "create", resource: "secrets" }),
    ],
  ])("%s: nothing is written", async (_title, code, spoil) => {
    const s = legacyScene();
    spoil(s);
    const { exit, report, requests } = await s.update();
    expect({ exit, code: report.error?.code }).toEqual({ exit: 1, code });
    expect(report.error?.remedy).toBeTruthy();
    expect(requests.filter((line) => /^(PUT|PATCH|DELETE) /.test(line))).toEqual([]);
    expect(s.state()).toMatchObject({ state: "Succeeded", journal: false });
  });

  test("`journal: none` updates all the same, with a loud warning", async () => {
    const s = legacyScene();
    const { report } = await s.update({ journal: "none" });
    expect(report.error).toBeUndefined();
    expect(kinds(report)).not.toContain("hold-lease");
    expect(report.findings).toContainEqual(
      expect.objectContaining({ id: "journal-none", severity: "warning" }),
    );
    expect(s.state()).toMatchObject({ state: "Succeeded", journal: false });
  });
});

describe("a run that dies", () => {
  test.each([
    ["after the lease, before the journal", /^POST .*\/secrets$/, false],
    ["after the journal, before the tag", /tags\/default$/, false],
    ["after the detach was taken, before its answer", detaching, true],
    ["before the attach", attaching, false],
    ["after the attach was taken, before its answer", attaching, true],
    ["before the journal is deleted", /^DELETE .*azureml-clusters\.journal/, false],
    ["after the journal is deleted", /^DELETE .*azureml-clusters\.journal/, true],
  ])("%s: one more run makes it whole (design 6)", async (_title, pattern, after) => {
    const s = legacyScene();
    const before = s.state();
    await s.update({}, { nth: await pointOf(pattern), after });
    const { report } = await s.update();
    expect(report.error).toBeUndefined();
    expect(s.state()).toEqual(before);
  });

  test.each(["update", "attach"] as const)(
    "detached: `%s` that is given the compute's name finds the journal by the workspace's tag",
    async (how) => {
      const s = legacyScene();
      const before = s.state();
      await s.update({}, { nth: await pointOf(attaching), after: false });
      expect(s.state()).toMatchObject({ state: "Absent", journal: true });
      expect(s.state().tag).toMatch(/^\/providers\/Microsoft\.ContainerService\/managedClusters\/aks2$/);
      const own = {
        ...given,
        "ssl-cert-pem": pair.certificate,
        "ssl-key-pem": pair.key,
        "ssl-cname": pair.cname,
      };
      const { report } = await (how === "update" ? s.update() : s.attach(own));
      expect(report.error).toBeUndefined();
      expect(s.state()).toEqual(before);
    },
  );

  test("without the right to tag it is found where the cluster is named", async () => {
    const s = legacyScene();
    s.denyTags();
    await s.update({}, { nth: await pointOf(attaching), after: false });
    const blind = await s.update();
    expect(blind.report.error?.code).toBe("ComputeNotFound");
    const { report } = await s.update({ "cluster-resource-id": s.clusterId });
    expect(report.error).toBeUndefined();
    expect(s.state()).toMatchObject({ state: "Succeeded", journal: false });
  });

  test("every error of a run that leaves the compute detached says so, and how to finish", async () => {
    const s = legacyScene();
    const { report } = await s.update({ timeout: "5m" }, { nth: await pointOf(attaching), after: false });
    expect(report.error?.code).toBe("Timeout");
    expect(report.error?.message).toMatch(
      /is not attached again yet\. Its settings, certificate and key are kept/,
    );
    expect(report.error?.remedy).toContain("azureml-clusters update-components --subscription-id");
    s.world.kubernetesDeny(s.clusterId, { verb: "update", resource: "secrets" });
    const next = await s.update();
    expect(next.report.error?.code).toBe("ClusterRightsMissing");
    expect(next.report.error?.message).toContain("is detached");
  });

  test("Azure refuses the attach for good: the journal stays, and the next run attaches once that is mended", async () => {
    const s = legacyScene();
    const before = s.state();
    s.world.knobs.createOutcome = { status: "Failed", error: { code: "BadArgument", message: "no room" } };
    const { report } = await s.update();
    expect(report.error?.code).toBe("ComputeFailed");
    expect(report.error?.details.join()).toContain("no room");
    expect(report.error?.message).toContain("is not attached again yet");
    s.world.knobs.createOutcome = undefined;
    const next = await s.update();
    expect(next.report.error).toBeUndefined();
    expect(s.state()).toEqual(before);
  });

  test("the post step finishes a compute that was left detached", async () => {
    const s = legacyScene();
    const before = s.state();
    const { host } = await s.update({}, undefined, (one) => s.cancelAt(attaching, one));
    expect(host.said.outputs["error-code"]).toBe("Cancelled");
    expect(s.state()).toMatchObject({ state: "Absent", journal: true, lease: false });
    await s.postStep(host, after);
    expect(s.state()).toEqual(before);
  });
});

describe("two runs", () => {
  test("a held lease: `if-locked: fail` leaves at once and names the holder", async () => {
    const s = legacyScene();
    s.onRequest(1, () => s.holdLease("other-run", 0));
    const { report, requests } = await s.update({ "if-locked": "fail" });
    expect(report.error?.code).toBe("LeaseHeld");
    expect(report.error?.message).toContain("other-run");
    expect(requests.some((line) => detaching.test(line))).toBe(false);
    expect(s.state().lease).toBe(true);
  });

  test("a holder that died is followed once its lease has run out, and the world is looked at again", async () => {
    const s = legacyScene();
    s.onRequest(1, () => s.holdLease("dead-run", 0));
    const { report, host } = await s.update();
    expect(report.error).toBeUndefined();
    expect(host.said.log.join("\n")).toMatch(/dead-run.*holds the lease/);
    expect(host.said.log.join("\n")).toContain("it looks again");
    expect(s.state()).toMatchObject({ state: "Succeeded", journal: false, lease: false });
  });

  test("a run that lost its lease and its journal to another one stops before its next write (fencing)", async () => {
    const s = legacyScene();
    const nth = await pointOf(attaching);
    s.onRequest(nth - 2, () => s.takeJournal("another-run"));
    const { report } = await s.update();
    expect(report.error?.code).toBe("JournalTaken");
    expect(s.state().state).toBe("Absent");
    expect(s.journal()).toMatchObject({ run: "another-run" });
  });
});

describe("a journal that can't be finished stops with instructions, and is kept", () => {
  async function detached() {
    const s = legacyScene();
    await s.update({}, { nth: await pointOf(attaching), after: false });
    return s;
  }

  test("somebody has attached it meanwhile with other settings", async () => {
    const s = await detached();
    s.world.addAksCompute(workspaceId(s.world), {
      name: "gpu",
      resourceId: s.clusterId,
      clusterPurpose: "DevTest",
    });
    const { report } = await s.update();
    expect(report.error?.code).toBe("AttachedMeanwhile");
    expect(report.error?.details.join()).toContain("DevTest");
    expect(report.error?.remedy).toContain("resume: discard");
    expect(s.state().journal).toBe(true);
  });

  test("… with the same settings: it is verified and done", async () => {
    const s = await detached();
    const ssl = { status: "Enabled", cname: pair.cname, cert: pair.certificate, key: pair.key };
    s.world.addAksCompute(workspaceId(s.world), {
      name: "gpu",
      resourceId: s.clusterId,
      sslConfiguration: ssl,
    });
    s.hold(pair);
    const { report } = await s.update();
    expect(report.error).toBeUndefined();
    // The lease of the run that died is taken over before the second look.
    expect(kinds(report)).toEqual(["write-journal", "verify-compute", "delete-journal"]);
    expect(s.state()).toMatchObject({ state: "Succeeded", journal: false });
  });

  test("the name belongs to another cluster by now", async () => {
    const s = await detached();
    const resourceId = s.world.addManagedCluster({ resourceGroup: "rg1", name: "aks3" });
    s.world.addAksCompute(workspaceId(s.world), { name: "gpu", resourceId });
    expect((await s.update()).report.error?.code).toBe("AttachedElsewhere");
  });

  test("the cluster is gone", async () => {
    const s = await detached();
    s.world.store.delete(s.clusterId);
    const { report } = await s.update();
    expect(report.error?.code).toBe("ClusterGone");
    expect(report.error?.remedy).toContain("resume: discard");
    const discarded = await s.update({ resume: "discard" });
    expect(discarded.report.error).toBeUndefined();
    expect(s.state().tag).toBeUndefined();
  });

  test.each([
    ["newer", { version: 2 }, "JournalNewer"],
    ["without a body", { body: undefined }, "JournalUnreadable"],
    ["of an unknown phase", { phase: "dancing" }, "JournalUnreadable"],
  ])("the journal is %s", async (_title, change, code) => {
    const s = await detached();
    s.rewriteJournal(change);
    expect((await s.update()).report.error?.code).toBe(code);
    expect(s.state().journal).toBe(true);
  });

  test("its certificate has ended meanwhile: a new one that is given finishes it", async () => {
    const s = await detached();
    s.rewriteJournal({}, ended);
    const { report } = await s.update();
    expect(report.error?.code).toBe("JournalCertificate");
    expect(report.error?.message).toContain("is detached");
    expect((await s.update(given)).report.error).toBeUndefined();
    expect(Buffer.from(s.state().certificate ?? "", "base64").toString()).toBe(renewed.certificate);
  });

  test("`resume: discard` throws it away, says what it was, and does nothing else", async () => {
    const s = await detached();
    const { report } = await s.update({ resume: "discard" });
    expect(report.error).toBeUndefined();
    expect(kinds(report)).toEqual(["delete-journal"]);
    expect(report.plan?.steps[0]?.reason).toMatch(/phase "attaching", and with it certificate and key/);
    expect(s.state()).toMatchObject({ state: "Absent", journal: false, lease: false, tag: undefined });
    expect((await s.update({ resume: "discard" })).report.verdict).toBe("unchanged");
  });

  test("somebody has deleted the journal", async () => {
    const s = await detached();
    s.objects.delete(typeOfKind("Secret"), "default", s.journalName);
    expect((await s.update()).report.error?.code).toBe("JournalLost");
  });
});

test.each([
  ["no such compute", { "compute-name": "nobody" }, "ComputeNotFound"],
  ["another cluster", { "cluster-name": "aks1", "cluster-resource-group": "rg1" }, "OtherCluster"],
  ["a key without a certificate", { "ssl-key-pem": pair.key }, "InvalidInput"],
])("%s is told, and nothing is written", async (_title, inputs, code) => {
  const s = legacyScene();
  const { report } = await s.update(inputs);
  expect(report.error?.code).toBe(code);
  expect(s.world.resource(computeId(s))?.body).toMatchObject({
    properties: { provisioningState: "Succeeded" },
  });
});
