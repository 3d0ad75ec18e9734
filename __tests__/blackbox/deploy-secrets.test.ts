import { expect, test } from "@jest/globals";
import { makeCertificate } from "../../emulator/index.ts";
import { everythingSeen, play } from "../support/play.ts";
import { arcId } from "../support/scene.ts";
import { leakedPieces } from "../support/secret-scanner.ts";

test("X5: key, connection strings and kubeconfig are seen nowhere: log, summary, outputs, state, report, files", () =>
  play("deploy-secrets", async ({ world, deploy }) => {
    const { certificate, privateKey } = await makeCertificate({ names: ["ml.example.com"] });
    const planted = "planted-analytics-key-0123456789-abcdefghijklmnop";
    world.knobs.extensionSeconds.write = 0.2;
    const result = await deploy({
      inputs: {
        "cluster-name": "arc1",
        "cluster-type": "connectedClusters",
        kubeconfig: await world.kubeconfigOf(arcId(world), { user: "both" }),
        workloads: "training, inference",
        config:
          "inferenceRouterServiceType=LoadBalancer\nsslCname=ml.example.com\nallowInsecureConnections=False",
        "config-protected": `azure_log_analytics.connection_string=${planted}`,
        "ssl-cert-pem": certificate,
        "ssl-key-pem": privateKey,
        "allow-disruption": "true",
      },
      env: { RUNNER_DEBUG: "1" },
    });
    expect({ exit: result.exitCode, changed: result.outputs["changed"] }).toEqual({
      exit: 0,
      changed: "true",
    });
    const lines = privateKey.split("\n").filter((line) => line.length > 40);
    expect(leakedPieces(everythingSeen(result), [...lines, planted])).toEqual([]);
    expect(result.outcome).toBe("success");
    // The runner masks each line of a mask by itself.
    expect(result.masks).toEqual(expect.arrayContaining([privateKey.trim(), planted]));
  }));
