import { expect, test } from "@jest/globals";
import { handlers, playTasks, shownTask } from "../support/pipelines.ts";
import { requests } from "../support/play.ts";

test.each(handlers)("attaches and detaches on the Node of the handler $name", ({ name, node }) =>
  playTasks(`pipelines-detach-${name}`, async ({ world, attach, detach }) => {
    await attach({ handler: { name, node } });
    world.exchanges.length = 0;
    expect(shownTask(await detach({ handler: { name, node } }), world)).toMatchSnapshot("first");
    expect((await detach({ handler: { name, node } })).outputs).toMatchObject({ changed: "false" });
    expect(requests(world).filter((line) => line.startsWith("arm DELETE"))).toHaveLength(1);
  }),
);
