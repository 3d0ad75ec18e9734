import { describe, expect, test } from "@jest/globals";
import { aksId, arcId, type Run } from "../support/scene.ts";
import {
  bareScene,
  change,
  changes,
  done,
  ending,
  extensionId,
  http,
  https,
  lines,
  onArc,
  pem,
  propertiesOf,
  sent,
  settingsOf,
  training,
  untouched,
} from "./deploy-scenes.ts";

describe("where there is no extension", () => {
  test("on AKS it is installed by one PUT without identity, waited for and read back (X1, X2)", async () => {
    const stage = bareScene();
    const { world } = stage;
    const run = await stage.deploy(training);
    expect(ending(run)).toEqual(done);
    expect(changes(stage)).toEqual(["PUT Microsoft.KubernetesConfiguration/extensions/azureml 201"]);
    expect(sent(world, "PUT")[0]).not.toHaveProperty("identity");
    expect(stage.requests().at(-1)).toBe(`GET ${extensionId(aksId(world))} 200`);
    expect(run.host.said.outputs).toMatchObject({
      "extension-name": "azureml",
      "extension-version": "1.1.84",
      "latest-version": "1.1.84",
      "principal-id": expect.stringMatching(/^[0-9a-f-]{36}$/),
      report: "memory:deploy-extension.json",
    });
    expect(world.violations).toEqual([]);
  });

  test("on Arc with a system-assigned identity, whose principal is told (X1)", async () => {
    const stage = bareScene();
    const run = await stage.deploy({ ...onArc(stage.world), ...training });
    expect(ending(run)).toEqual(done);
    expect(sent(stage.world, "PUT")[0]?.identity).toEqual({ type: "SystemAssigned" });
    const identity = stage.world.resource(extensionId(arcId(stage.world)))?.body["identity"];
    expect(run.host.said.outputs["principal-id"]).toBe((identity as { principalId: string }).principalId);
  });

  test.each([
    ["training", "True", "False"],
    ["inference", "False", "True"],
    ["training, inference", "True", "True"],
    ["Training\nInference", "True", "True"],
    ["both", "True", "True"],
  ])("workloads: %j sets both flags (X2)", async (workloads, enableTraining, enableInference) => {
    const stage = bareScene();
    expect(ending(await stage.deploy({ ...http, workloads }))).toEqual(done);
    expect(settingsOf(stage.world, extensionId(aksId(stage.world)))).toMatchObject({
      enableTraining,
      enableInference,
    });
  });

  test("the name is the one that is given, in the cluster's own id whatever case was written", async () => {
    const stage = bareScene();
    const id = aksId(stage.world).replace("managedClusters", "managedclusters");
    const run = await stage.deploy({ ...training, "cluster-resource-id": id, "extension-name": "ml" });
    expect(ending(run)).toEqual(done);
    const settings = settingsOf(stage.world, extensionId(aksId(stage.world), "ml"));
    // Lower case is taken for Arc by the CLI: it would make a Relay (extension.md 3).
    expect(settings).toMatchObject({
      cluster_name: aksId(stage.world),
      "relayserver.enabled": "false",
      "nginxIngress.enabled": "true",
    });
  });

  test.each([
    [2, { clusterPurpose: "DevTest", inferenceRouterHA: "false" }],
    [3, {}],
  ])(
    "%i nodes of all pools decide on high availability, unless it is given (extension.md 1c)",
    async (count, derived) => {
      const stage = bareScene();
      change(stage.world, arcId(stage.world), { totalNodeCount: count });
      expect(ending(await stage.deploy({ ...http, ...onArc(stage.world) }))).toEqual(done);
      const settings = settingsOf(stage.world, extensionId(arcId(stage.world))) ?? {};
      const { clusterPurpose, inferenceRouterHA } = settings;
      expect({
        ...(clusterPurpose && { clusterPurpose }),
        ...(inferenceRouterHA && { inferenceRouterHA }),
      }).toEqual(derived);
    },
  );

  test("OpenShift is recognised (extension.md 1c)", async () => {
    const stage = bareScene();
    change(stage.world, arcId(stage.world), { distribution: "openshift" });
    expect((await stage.deploy({ ...training, ...onArc(stage.world) })).exit).toBe(0);
    expect(settingsOf(stage.world, extensionId(arcId(stage.world)))).toMatchObject({ openshift: "true" });
  });

  test("names of 2021 are sent by their present names, with a warning for each (X3)", async () => {
    const stage = bareScene();
    const config = lines({
      privateEndpointNodeport: "True",
      inferenceLoadBalancerHA: "False",
      allowInsecureConnections: "True",
    });
    const run = await stage.deploy({ workloads: "inference", config });
    expect(ending(run)).toEqual(done);
    const settings = settingsOf(stage.world, extensionId(aksId(stage.world)));
    expect(settings).toMatchObject({ inferenceRouterServiceType: "NodePort", inferenceRouterHA: "False" });
    expect(Object.keys(settings ?? {})).not.toEqual(
      expect.arrayContaining([expect.stringMatching(/privateEndpoint|inferenceLoadBalancer/)]),
    );
    const warned = run.report.findings.filter(({ severity }) => severity === "warning");
    expect(warned.map(({ seen }) => seen)).toEqual([
      expect.stringContaining("privateEndpointNodeport"),
      expect.stringContaining("inferenceLoadBalancerHA"),
    ]);
  });

  test("and one of another type has the wanted name, that one is never overwritten (testbed 8: PUT is blind)", async () => {
    const stage = bareScene();
    const { world } = stage;
    const id = world.addExtension(aksId(world), { extensionType: "Microsoft.Flux" });
    for (const preflight of ["enforce", "off"]) {
      const run = await stage.deploy({ ...training, preflight });
      expect({ exit: run.exit, writes: changes(stage) }).toEqual({ exit: 1, writes: [] });
      expect(`${run.report.error?.message} ${run.report.error?.remedy}`).toMatch(
        /Microsoft\.Flux.*extension-name/s,
      );
    }
    expect(propertiesOf(world, id)?.["extensionType"]).toBe("Microsoft.Flux");
  });

  test("one of another type and name is left alone", async () => {
    const stage = bareScene();
    const id = stage.world.addExtension(aksId(stage.world), {
      name: "flux",
      extensionType: "Microsoft.Flux",
    });
    const before = JSON.stringify(stage.world.resource(id)?.body);
    expect(ending(await stage.deploy(training))).toEqual(done);
    expect(JSON.stringify(stage.world.resource(id)?.body)).toBe(before);
  });
});

const errorIds = ({ report }: Run) =>
  report.findings.filter(({ severity }) => severity === "error").map(({ id }) => id);

describe("HTTPS", () => {
  test.each([
    ["the inputs", https(), {}],
    [
      "files that protected settings name",
      {
        workloads: "both",
        config: https().config,
        "config-protected": lines({ sslCertPemFile: "cert.pem", sslKeyPemFile: "key.pem" }),
      },
      { files: { "cert.pem": pem.certificate, "key.pem": pem.privateKey } },
    ],
  ])("from %s: contents in base64, no path travels (X4, extension.md 1c)", async (_what, inputs, more) => {
    const stage = bareScene();
    expect(ending(await stage.deploy(inputs, more))).toEqual(done);
    const [body] = sent(stage.world, "PUT");
    expect(body?.properties.configurationProtectedSettings).toEqual({
      "scoringFe.sslCert": Buffer.from(pem.certificate).toString("base64"),
      "scoringFe.sslKey": Buffer.from(pem.privateKey).toString("base64"),
    });
    expect(JSON.stringify(body)).not.toContain("PemFile");
  });

  test("from a secret of the cluster, which is looked at first (extension.md 8)", async () => {
    const stage = bareScene();
    const inputs = {
      workloads: "inference",
      config: lines({
        inferenceRouterServiceType: "ClusterIP",
        sslSecret: "tls",
        sslCname: "ml.example.com",
      }),
    };
    const missing = await stage.deploy({ ...inputs, "dry-run": "true" });
    expect(errorIds(missing)).toEqual(["tls-secret"]);
    const base64 = (text: string) => Buffer.from(text).toString("base64");
    stage.world.kubernetes(aksId(stage.world)).put({
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name: "tls", namespace: "azureml" },
      data: { "cert.pem": base64(pem.certificate), "key.pem": base64(pem.privateKey) },
    });
    const there = await stage.deploy({ ...inputs, "dry-run": "true" });
    expect(errorIds(there)).toEqual([]);
  });
});

describe("versions (extension.md 4)", () => {
  test("a pinned one goes with auto-upgrade off, and is what runs then", async () => {
    const stage = bareScene();
    const run = await stage.deploy({ ...training, version: "1.1.44" });
    expect(ending(run)).toEqual(done);
    expect(sent(stage.world, "PUT")[0]?.properties).toMatchObject({
      version: "1.1.44",
      autoUpgradeMinorVersion: false,
    });
    expect(run.host.said.outputs).toMatchObject({
      "extension-version": "1.1.44",
      "latest-version": "1.1.84",
    });
    expect(ending(await stage.deploy({ ...training, version: "1.1.44" }))).toEqual(untouched);
  });

  test("the latest of a train is installed", async () => {
    const stage = bareScene();
    const run = await stage.deploy({ ...training, "release-train": "Preview" });
    expect(ending(run)).toEqual(done);
    expect(run.host.said.outputs).toMatchObject({
      "extension-version": "1.2.0-preview",
      "latest-version": "1.2.0-preview",
    });
    // What is not given stays, and the latest version is that of the extension's own train.
    const again = await stage.deploy(training);
    expect(ending(again)).toEqual(untouched);
    expect(again.host.said.outputs["latest-version"]).toBe("1.2.0-preview");
  });

  test.each([
    ["a version that is not offered", { version: "9.9.9" }, /9\.9\.9.*1\.1\.84/s],
    ["a train without versions", { "release-train": "nightly" }, /nightly/],
  ])("%s stops the run before the write", async (_what, inputs, message) => {
    const stage = bareScene();
    const run = await stage.deploy({ ...training, ...inputs });
    expect(ending(run)).toMatchObject({ exit: 1, code: "PreflightFailed", changed: "false" });
    expect(`${run.report.error?.message} ${run.report.error?.remedy}`).toMatch(message);
    expect(changes(stage)).toEqual([]);
  });

  test("a Kubernetes version that the extension does not support stops the run", async () => {
    const stage = bareScene();
    const unsupported = { managedCluster: [{ distributions: ["AKS"], unsupportedVersions: [">1.32"] }] };
    stage.world.knobs.extensionReleases = [{ version: "1.1.84", train: "stable", unsupported }];
    const run = await stage.deploy(training);
    expect(ending(run)).toMatchObject({ exit: 1, code: "PreflightFailed" });
    expect(run.report.error?.message).toContain("does not support Kubernetes 1.33.4");
    // An older version of the extension that does support it.
    expect(ending(await stage.deploy({ ...training, version: "1.1.44" }))).toEqual(done);
  });

  test("a train with a pinned version is said to be idle", async () => {
    const stage = bareScene();
    const run = await stage.deploy({ ...training, version: "1.1.44", "release-train": "stable" });
    expect(run.report.findings.map(({ severity, seen }) => `${severity} ${seen}`)).toEqual([
      expect.stringMatching(/^info Release train "stable" is given, and auto-upgrade is off/),
    ]);
  });
});

describe("a dry run", () => {
  test("shows the plan without secrets, and writes nothing", async () => {
    const stage = bareScene();
    const run = await stage.deploy({ ...https(), "dry-run": "true" });
    expect(ending(run)).toEqual({ exit: 0, changed: "false", state: "Absent", code: undefined });
    expect(run.report.verdict).toBe("planned");
    expect(changes(stage)).toEqual([]);
    const [step] = run.report.plan?.steps ?? [];
    expect(step?.body).toMatchObject({
      properties: {
        configurationProtectedSettings: {
          "scoringFe.sslCert": "(hidden)",
          "scoringFe.sslKey": "(hidden)",
        },
      },
    });
  });

  test("for Arc asks for no key of a Relay", async () => {
    const stage = bareScene();
    await stage.deploy({ ...training, ...onArc(stage.world) });
    stage.world.exchanges.length = 0;
    const inputs = { ...onArc(stage.world), workloads: "both", config: http.config, "dry-run": "true" };
    expect((await stage.deploy(inputs)).report.plan?.steps.map(({ kind }) => kind)).toEqual([
      "update-extension",
    ]);
    expect(stage.written()).toEqual([]);
  });

  test("does not let what it shows differ from what is sent", async () => {
    const stage = bareScene();
    const run = await stage.deploy(http);
    expect(run.report.plan?.steps[0]?.body).toEqual(sent(stage.world, "PUT")[0]);
  });
});

test("wait: false ends once Azure has accepted, and says so", async () => {
  const stage = bareScene();
  const run = await stage.deploy({ ...training, wait: "false" });
  expect(ending(run)).toEqual({ exit: 0, changed: "true", state: "Creating", code: undefined });
  expect(run.report.verdict).toBe("accepted");
  expect(run.host.said.outputs).not.toHaveProperty("extension-version");
  // Nothing is different from what is wished, so that there is nothing to wait for either.
  expect(ending(await stage.deploy({ ...training, wait: "false" }))).toMatchObject({
    exit: 0,
    changed: "false",
    state: "Creating",
  });
  expect(sent(stage.world, "PUT")).toHaveLength(1);
});
