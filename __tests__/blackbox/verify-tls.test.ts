import { expect, test } from "@jest/globals";
import { play } from "../support/play.ts";
import { httpsCluster, lookingAt } from "./verify-clusters.ts";

test("what the endpoint really serves is compared with the secret, its name and its date (extension.md 8)", () =>
  play("verify-tls", async ({ world, verify }) => {
    httpsCluster(world, "well");
    httpsCluster(world, "other", { broken: ["tls-served-other"] });
    httpsCluster(world, "expired", { broken: ["tls-secret-expired"] });
    const found = await Promise.all(
      ["well", "other", "expired"].map(async (name) => {
        const { exitCode, outputs } = await verify({ inputs: lookingAt(name) });
        return {
          exitCode,
          findings: JSON.parse(outputs["findings"] ?? "[]") as { id: string; seen: string }[],
        };
      }),
    );
    const [well, other, expired] = found;
    expect(well).toEqual({ exitCode: 0, findings: [] });
    expect(other).toMatchObject({
      exitCode: 1,
      findings: [
        {
          id: "tls-served",
          seen: expect.stringMatching(
            /^127\.0\.0\.1:\d+ serves another certificate than Secret azureml\/azureml-tls holds \(for other\.example\.net, until/,
          ),
          remedy: expect.stringContaining("kubectl rollout restart deploy -n azureml azureml-fe-v2"),
        },
      ],
    });
    expect(expired?.exitCode).toBe(1);
    expect(expired?.findings.map(({ id }) => id)).toEqual(["tls-secret", "tls-served"]);
  }));
