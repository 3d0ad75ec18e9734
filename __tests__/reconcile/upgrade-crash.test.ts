import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { extensionId, propertiesOf } from "../actions/deploy-scenes.ts";
import { updateScene } from "../actions/update-kubernetes-scenes.ts";
import { aksId } from "../support/scene.ts";
import { virtually } from "../support/virtual-time.ts";

/** The settings of the extension but for those that this product keeps for itself. */
function extensionOf(stage: ReturnType<typeof updateScene>) {
  const { configurationSettings, ...properties } =
    propertiesOf(stage.world, extensionId(aksId(stage.world))) ?? {};
  const settings = Object.entries(configurationSettings ?? {}).filter(
    ([key]) => !key.startsWith("azureml-clusters."),
  );
  const { currentVersion, autoUpgradeMinorVersion, releaseTrain, provisioningState } = properties;
  return {
    currentVersion,
    autoUpgradeMinorVersion,
    releaseTrain,
    provisioningState,
    settings: Object.fromEntries(settings),
  };
}

/** By then nobody can take the dead run for a living one. */
const aMinuteLater = () => virtually(() => new Promise((resolve) => setTimeout(resolve, 61_000)));

const lease = (stage: ReturnType<typeof updateScene>) =>
  stage.world.kubernetes(aksId(stage.world)).get("Lease", "default", "azureml-clusters");

describe.each([
  ["upgrades by itself", false],
  ["is pinned", true],
])("a crash while an extension that %s is upgraded (issue 5, crash matrix)", (_, pinned) => {
  let writes = 0;
  let after: ReturnType<typeof extensionOf>;
  const points: string[] = [];

  beforeAll(async () => {
    const stage = updateScene({ pinned });
    const run = await stage.update();
    expect(run.exit).toBe(0);
    after = extensionOf(stage);
    writes = stage.writes();
    expect(after).toMatchObject({ currentVersion: "1.1.84", autoUpgradeMinorVersion: !pinned });
  });

  afterAll(() => expect(points).toHaveLength(2 * writes));

  test.each(["before", "after"] as const)(
    "%s the effect of any write: one more run ends as if nothing had been",
    async (phase) => {
      for (let nth = 1; nth <= writes; nth++) {
        const stage = updateScene({ pinned });
        await stage.dies({ nth, phase });
        await aMinuteLater();
        const run = await stage.update();
        points.push(`${nth} ${phase}`);
        expect({ nth, exit: run.exit, error: run.report.error }).toEqual({ nth, exit: 0, error: undefined });
        expect({ nth, ...extensionOf(stage) }).toEqual({ nth, ...after });
        expect(lease(stage)).toBeUndefined();
      }
    },
  );
});
