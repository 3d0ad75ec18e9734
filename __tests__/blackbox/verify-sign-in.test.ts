import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, test } from "@jest/globals";
import { makeAuthority } from "../../emulator/certificates.ts";
import { play } from "../support/play.ts";
import { httpsCluster, lookingAt } from "./verify-clusters.ts";

test("every way into a cluster, over TLS (issue 4, point 2)", () =>
  play("verify-sign-in", async ({ world, verify }) => {
    world.knobs.runCommandSeconds = 0.2;
    const broken = ["crash-loop"] as const;
    const plain = httpsCluster(world, "plain", { broken });
    const privately = { apiServerAccessProfile: { enablePrivateCluster: true } };
    httpsCluster(world, "locked", { broken, properties: privately });
    httpsCluster(world, "entra", { broken, properties: { aadProfile: { managed: true } } });
    const folder = mkdtempSync(path.join(tmpdir(), "kubeconfig-"));
    const file = path.join(folder, "config");
    writeFileSync(file, await world.kubeconfigOf(plain, { user: "token" }));
    const certificate = await world.kubeconfigOf(plain, { user: "certificate" });
    const look = (name: string, more: { kubeconfig?: string; env?: Record<string, string> } = {}) => {
      const { kubeconfig, env = {} } = more;
      return verify({ env, inputs: { ...lookingAt(name), ...(kubeconfig && { kubeconfig }) } });
    };
    const [byCertificate, byFile, byCredentials, byEntra, byCommand, stranger] = await Promise.all([
      look("plain", { kubeconfig: certificate }),
      look("plain", { env: { KUBECONFIG: file } }),
      look("plain"),
      look("entra"),
      look("locked"),
      look("plain", { kubeconfig: await ofAnotherAuthority(certificate) }),
    ]);
    rmSync(folder, { recursive: true });
    const seen = [byCertificate, byFile, byCredentials, byEntra, byCommand];
    for (const { exitCode, outputs } of seen) {
      expect({ exitCode, verdict: outputs["verdict"] }).toEqual({ exitCode: 1, verdict: "fail" });
      expect(JSON.parse(outputs["findings"] ?? "")[0]).toMatchObject({
        id: "pods-running",
        severity: "error",
      });
    }
    expect(seen.map(({ log }) => /inside the cluster: (.*)/.exec(log)?.[1])).toEqual([
      "read by the kubeconfig given",
      "read by the kubeconfig given",
      "read by AKS user credentials",
      "read by AKS user credentials",
      expect.stringContaining("read by run-command"),
    ]);
    expect(stranger.outputs["verdict"]).toBe("warn");
    expect(JSON.parse(stranger.outputs["findings"] ?? "")[0]).toMatchObject({
      id: "cluster-looked-into",
      remedy: expect.stringContaining("certificate-authority-data"),
    });
  }));

/** The same kubeconfig, trusting the authority of another cluster. */
async function ofAnotherAuthority(kubeconfig: string): Promise<string> {
  const { certificate } = await makeAuthority("stranger");
  const data = Buffer.from(certificate).toString("base64");
  return kubeconfig.replace(/(certificate-authority-data: ).*/, `$1${data}`);
}
