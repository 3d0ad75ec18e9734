import { expect, test } from "@jest/globals";
import { play, shown } from "../support/play.ts";

test("a tenant that is not the subscription's is named, with the code of Microsoft Entra", () =>
  play("wrong-tenant", async ({ world, attach }) => {
    const inputs = { "tenant-id": "99999999-9999-4999-8999-999999999999" };
    expect(shown(await attach({ inputs }), world)).toMatchSnapshot();
  }));
