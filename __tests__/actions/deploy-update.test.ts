import { describe, expect, test } from "@jest/globals";
import type { JsonObject } from "../../emulator/index.ts";
import { aksId, arcId } from "../support/scene.ts";
import {
  bareScene,
  changes,
  deployBeside,
  done,
  ending,
  extensionId,
  http,
  https,
  lines,
  onArc,
  otherPem,
  propertiesOf,
  type Stage,
  secretsOf,
  sent,
  settingsOf,
  training,
  untouched,
} from "./deploy-scenes.ts";

/** A scene in which that was deployed, with nothing said of it any more. */
async function deployed(inputs: Record<string, string>, on: "aks" | "arc" = "aks"): Promise<Stage> {
  const stage = bareScene();
  const cluster = on === "arc" ? onArc(stage.world) : {};
  const run = await stage.deploy({ ...inputs, ...cluster });
  expect({ exit: run.exit, errors: run.host.said.errors }).toEqual({ exit: 0, errors: [] });
  stage.world.exchanges.length = 0;
  return stage;
}

const idOn = ({ world }: Stage, on: "aks" | "arc" = "aks") =>
  extensionId(on === "arc" ? arcId(world) : aksId(world));
const digestKey = "azureml-clusters.protected";
const more = (config: string, settings: Record<string, string>) => `${config}\n${lines(settings)}`;

describe("the same settings again", () => {
  test.each([
    ["training on AKS", training, "aks"],
    ["HTTP on AKS", http, "aks"],
    ["HTTPS on AKS, by the digest of the same PEM pair (X5)", https(), "aks"],
    ["training on Arc", training, "arc"],
    ["HTTPS on Arc", https(), "arc"],
  ] as const)("%s: reads only, changed=false", async (_what, inputs, on) => {
    const stage = await deployed(inputs, on);
    const before = JSON.stringify(stage.world.resource(idOn(stage, on))?.body);
    const run = await stage.deploy({ ...inputs, ...(on === "arc" && onArc(stage.world)) });
    expect(ending(run)).toEqual(untouched);
    expect(run.report.verdict).toBe("unchanged");
    expect(changes(stage)).toEqual([]);
    // Not even a key of the Relay is asked for.
    expect(stage.written().filter((line) => line.includes("listKeys"))).toEqual([]);
    expect(JSON.stringify(stage.world.resource(idOn(stage, on))?.body)).toBe(before);
  });

  test("under any name, since it is found by its type (X1)", async () => {
    const stage = await deployed({ ...http, "extension-name": "team-a-ml" });
    const run = await stage.deploy({ ...http, "extension-name": "azureml" });
    expect(ending(run)).toEqual(untouched);
    expect(run.host.said.outputs["extension-name"]).toBe("team-a-ml");
    expect(changes(stage)).toEqual([]);
  });

  test("in other case and order, by names of 2021 (X3)", async () => {
    const stage = await deployed({
      workloads: "both",
      config: lines({ inferenceRouterServiceType: "NodePort", allowInsecureConnections: "True" }),
    });
    const config = lines({ allowInsecureConnections: "true", privateEndpointNodeport: "TRUE" });
    expect(ending(await stage.deploy({ workloads: "inference,training", config }))).toEqual(untouched);
    expect(changes(stage)).toEqual([]);
  });

  test("also when the number of nodes has changed meanwhile (extension.md 1c: derived on create only)", async () => {
    const stage = await deployed(http);
    const pools = propertiesOf(stage.world, aksId(stage.world))?.["agentPoolProfiles"] as JsonObject[];
    for (const pool of pools) pool["count"] = 2;
    expect(ending(await stage.deploy({ ...http, preflight: "warn" }))).toEqual(untouched);
  });
});

describe("a difference", () => {
  test("is sent alone, by PATCH, and read back (extension.md 3)", async () => {
    const stage = await deployed(http);
    const run = await stage.deploy({ ...http, config: more(http.config, { installPromOp: "False" }) });
    expect(ending(run)).toEqual(done);
    expect(sent(stage.world, "PATCH")).toEqual([
      { properties: { configurationSettings: { installPromOp: "False" } } },
    ]);
    expect(changes(stage)).toHaveLength(1);
    expect(stage.requests().at(-1)).toBe(`GET ${idOn(stage)} 200`);
    expect(run.report.plan?.steps[0]?.reason).toContain("installPromOp");
  });

  test("keeps settings that nobody wishes", async () => {
    const stage = await deployed({ ...http, config: more(http.config, { "some.helm.value": "7" }) });
    expect(ending(await stage.deploy(http))).toEqual(untouched);
    const settings = { ...http, config: more(http.config, { installPromOp: "False" }) };
    expect(ending(await stage.deploy(settings))).toEqual(done);
    expect(settingsOf(stage.world, idOn(stage))).toMatchObject({ "some.helm.value": "7" });
  });

  test("from an extension of another tool: what it did not derive is added (terraform-provider-azurerm#24547)", async () => {
    const stage = bareScene();
    const raw = { enableTraining: "True", enableInference: "False" };
    const id = stage.world.addExtension(aksId(stage.world), { name: "raw" });
    Object.assign(propertiesOf(stage.world, id) ?? {}, { configurationSettings: raw });
    const run = await stage.deploy(training);
    expect(ending(run)).toEqual(done);
    expect(sent(stage.world, "PATCH")).toEqual([
      {
        properties: {
          configurationSettings: {
            cluster_name: aksId(stage.world),
            clusterId: aksId(stage.world),
            "prometheus.prometheusSpec.externalLabels.cluster_name": aksId(stage.world),
            cluster_name_friendly: "aks1",
            domain: "eastus.cloudapp.azure.com",
            location: "eastus",
            jobSchedulerLocation: "eastus",
            "servicebus.enabled": "false",
            "relayserver.enabled": "false",
            "nginxIngress.enabled": "true",
          },
        },
      },
    ]);
    expect(ending(await stage.deploy(training))).toEqual(untouched);
  });

  test("whose PATCH is answered by 200 is read back at once", async () => {
    const stage = await deployed(http);
    stage.world.knobs.extensionSeconds.write = 0;
    const run = await stage.deploy({ ...http, config: more(http.config, { installPromOp: "False" }) });
    expect(ending(run)).toEqual(done);
  });

  test("that Azure reports as applied and did not apply is an error (INVARIANTS 6)", async () => {
    const stage = await deployed(http);
    const { world } = stage;
    const config = more(http.config, { installPromOp: "False" });
    const run = await deployBeside(stage, { ...http, config }, () => {
      setTimeout(() => {
        const settings = { ...settingsOf(world, idOn(stage)), installPromOp: "True" };
        Object.assign(propertiesOf(world, idOn(stage)) ?? {}, { configurationSettings: settings });
      }, 5_000);
    });
    expect(ending(run)).toMatchObject({ exit: 1, code: "NotApplied", changed: "true" });
    expect(run.report.error?.details).toEqual(['installPromOp: wanted "False", found "True"']);
  });

  test("wait: false ends once it is accepted", async () => {
    const stage = await deployed(http);
    const config = more(http.config, { installPromOp: "False" });
    expect(ending(await stage.deploy({ ...http, config, wait: "false" }))).toEqual({
      exit: 0,
      changed: "true",
      state: "Updating",
      code: undefined,
    });
  });
});

test("extensions that are said not to be there, in a cluster that is, are not overwritten unseen", async () => {
  const stage = await deployed(http);
  const before = JSON.stringify(propertiesOf(stage.world, idOn(stage)));
  const match = { method: "GET", url: /\/extensions\?/ };
  stage.world.faults.push({ match, kind: "status", status: 404, code: "NotFound" });
  const run = await stage.deploy(training);
  expect(sent(stage.world, "PUT")).toEqual([]);
  expect({ exit: run.exit, after: JSON.stringify(propertiesOf(stage.world, idOn(stage))) }).toEqual({
    exit: 1,
    after: before,
  });
});

describe("protected settings are sent whole or not at all (X5, extension.md 3)", () => {
  test("another certificate on AKS: the pair and its digest, nothing else", async () => {
    const stage = await deployed(https());
    const run = await stage.deploy(https(otherPem));
    expect(ending(run)).toEqual(done);
    expect(sent(stage.world, "PATCH")).toEqual([
      {
        properties: {
          configurationSettings: { [digestKey]: expect.stringMatching(/^[\w-]+\.[\w-]{43}$/) },
          configurationProtectedSettings: {
            "scoringFe.sslCert": Buffer.from(otherPem.certificate).toString("base64"),
            "scoringFe.sslKey": Buffer.from(otherPem.privateKey).toString("base64"),
          },
        },
      },
    ]);
    expect(ending(await stage.deploy(https(otherPem)))).toEqual(untouched);
  });

  test("on Arc it carries the Relay's string, twice, which would be deleted else (testbed 8)", async () => {
    const stage = await deployed(https(), "arc");
    const before = secretsOf(stage.world, idOn(stage, "arc"));
    const run = await stage.deploy({ ...https(otherPem), ...onArc(stage.world) });
    expect(ending(run)).toEqual(done);
    const [patch] = sent(stage.world, "PATCH");
    expect(Object.keys(patch?.properties.configurationProtectedSettings ?? {}).sort()).toEqual([
      "relayServerConnectionString",
      "relayserver.relayConnectionString",
      "scoringFe.sslCert",
      "scoringFe.sslKey",
    ]);
    const after = secretsOf(stage.world, idOn(stage, "arc"));
    expect(after?.["relayserver.relayConnectionString"]).toBe(before?.["relayserver.relayConnectionString"]);
    expect(after?.["scoringFe.sslCert"]).not.toBe(before?.["scoringFe.sslCert"]);
  });

  test("a plain difference alone sends none", async () => {
    const stage = await deployed(https(), "arc");
    const before = secretsOf(stage.world, idOn(stage, "arc"));
    const config = more(https().config, { installPromOp: "False" });
    expect(ending(await stage.deploy({ ...https(), ...onArc(stage.world), config }))).toEqual(done);
    expect(sent(stage.world, "PATCH")[0]?.properties).not.toHaveProperty("configurationProtectedSettings");
    expect(secretsOf(stage.world, idOn(stage, "arc"))).toEqual(before);
    // An empty map might delete them (extension.md 13).
    stage.world.knobs.emptyProtectedPatch = "clear";
    const again = more(config, { installVolcano: "False" });
    expect(ending(await stage.deploy({ ...https(), ...onArc(stage.world), config: again }))).toEqual(done);
    expect(secretsOf(stage.world, idOn(stage, "arc"))).toEqual(before);
  });

  test("a certificate that is not given again is asked for: what is declared is whole (extension.md 1b)", async () => {
    const stage = await deployed(https());
    const config = more(https().config, { installPromOp: "False" });
    const run = await stage.deploy({ workloads: "both", config });
    expect(ending(run)).toMatchObject({ exit: 1, code: "InvalidInput" });
    expect(stage.requests()).toEqual([]);
  });

  test("an extension of another tool, whose certificate nobody can compare, gets the one that is given", async () => {
    const stage = await deployed(https());
    const settings = { ...settingsOf(stage.world, idOn(stage)) };
    delete settings[digestKey];
    Object.assign(propertiesOf(stage.world, idOn(stage)) ?? {}, { configurationSettings: settings });
    const run = await stage.deploy(https());
    expect(ending(run)).toEqual(done);
    expect(run.report.plan?.steps[0]?.reason).toContain("can't be read back");
    expect(
      Object.keys(sent(stage.world, "PATCH")[0]?.properties.configurationProtectedSettings ?? {}),
    ).toEqual(["scoringFe.sslCert", "scoringFe.sslKey"]);
    expect(ending(await stage.deploy(https()))).toEqual(untouched);
  });

  test("others that it has and that are not given stop the run: they would be deleted", async () => {
    const stage = await deployed({
      ...https(),
      "config-protected": lines({ "azure_log_analytics.connection_string": "planted-analytics-key" }),
    });
    const run = await stage.deploy(https(otherPem));
    expect(ending(run)).toMatchObject({ exit: 1, code: "PreflightFailed", changed: "false" });
    expect(run.report.error?.message).toContain("azure_log_analytics.connection_string");
    expect(changes(stage)).toEqual([]);
  });
});

describe("a change that running work would notice (extension.md 3)", () => {
  const nodePort = {
    ...http,
    config: lines({ inferenceRouterServiceType: "NodePort", allowInsecureConnections: "True" }),
  };

  test.each([
    ["the router's type", nodePort, /online endpoints: inferenceRouterServiceType/],
    ["inference off", training, /online endpoints: enableInference/],
    ["training off", { ...http, workloads: "inference" }, /running jobs: enableTraining/],
    [
      "a node selector",
      { ...http, config: more(http.config, { "nodeSelector.kubernetes\\.io/os": "linux" }) },
      /running jobs: nodeSelector\..*online endpoints: nodeSelector\./s,
    ],
  ])("%s is refused, and told", async (_what, inputs, told) => {
    const stage = await deployed(http);
    const run = await stage.deploy(inputs);
    expect(ending(run)).toEqual({ exit: 1, changed: "false", state: "Succeeded", code: "WouldDisrupt" });
    expect(run.report.error?.details.join("\n")).toMatch(told);
    expect(changes(stage)).toEqual([]);
  });

  test("goes ahead with allow-disruption, the router's flags rewritten as the CLI does", async () => {
    const stage = await deployed(http);
    expect(ending(await stage.deploy({ ...nodePort, "allow-disruption": "true" }))).toEqual(done);
    expect(sent(stage.world, "PATCH")).toEqual([
      {
        properties: {
          configurationSettings: {
            inferenceRouterServiceType: "NodePort",
            "scoringFe.serviceType.nodePort": "True",
          },
        },
      },
    ]);
  });

  test("inference that is added where none was disrupts nobody", async () => {
    const stage = await deployed(training);
    expect(ending(await stage.deploy(http))).toEqual(done);
  });
});

describe("versions", () => {
  test("another one is pinned, with auto-upgrade off (recording 06)", async () => {
    const stage = await deployed(training);
    expect(ending(await stage.deploy({ ...training, version: "1.1.44" }))).toEqual(done);
    expect(sent(stage.world, "PATCH")).toEqual([
      { properties: { version: "1.1.44", autoUpgradeMinorVersion: false } },
    ]);
  });

  test("the same one is no change (azure-cli-extensions#5910)", async () => {
    const stage = await deployed({ ...training, version: "1.1.44" });
    for (const inputs of [{ version: "1.1.44" }, { version: "1.1.44", "auto-upgrade": "false" }, {}]) {
      expect(ending(await stage.deploy({ ...training, ...inputs }))).toEqual(untouched);
    }
    expect(changes(stage)).toEqual([]);
  });

  test("auto-upgrade that is switched on again ends the pin", async () => {
    const stage = await deployed({ ...training, version: "1.1.44" });
    const run = await stage.deploy({ ...training, "auto-upgrade": "true" });
    expect(ending(run)).toEqual(done);
    expect(sent(stage.world, "PATCH")).toEqual([{ properties: { autoUpgradeMinorVersion: true } }]);
    expect(run.host.said.outputs["extension-version"]).toBe("1.1.84");
  });

  test("another train", async () => {
    const stage = await deployed(training);
    const run = await stage.deploy({ ...training, "release-train": "preview" });
    expect(ending(run)).toEqual(done);
    expect(sent(stage.world, "PATCH")).toEqual([{ properties: { releaseTrain: "preview" } }]);
    expect(run.host.said.outputs["extension-version"]).toBe("1.2.0-preview");
  });
});
