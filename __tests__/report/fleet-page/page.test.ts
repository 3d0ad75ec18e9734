import { createHash } from "node:crypto";
import path from "node:path";
import { beforeAll, describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { buildPage } from "../../../scripts/page.mjs";
import type { Fleet } from "../../../src/model/fleet.ts";
import { gatherFleet } from "../../../src/report/fleet-page/gather.ts";
import { fleetPage, readTemplate } from "../../../src/report/fleet-page/page.ts";
import { anyCharacter } from "../../support/any-character.ts";
import { clusterReport, fleetReports, fleetTime } from "../../support/fleet-reports.ts";

let template: string;
beforeAll(async () => {
  template = (await buildPage(path.join(import.meta.dirname, "../../.."))).html;
});

/** The data that the page's script finds. */
function dataIn(html: string): Fleet {
  const [, text = ""] = /<script type="application\/json" id="fleet">(.*?)<\/script>/s.exec(html) ?? [];
  return JSON.parse(text) as Fleet;
}

const named = (name: string) =>
  gatherFleet([clusterReport(0, { target: { clusterId: name, computeName: name } })], [], fleetTime);

describe("the page of a fleet", () => {
  test("holds the data as it is", () => {
    const fleet = gatherFleet(fleetReports(20), [], fleetTime);
    expect(dataIn(fleetPage(fleet, template))).toEqual(fleet);
  });

  test("can be ended or left by no name", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: anyCharacter }),
        fc.constantFrom("</script>", "<!--", "<script", "$&", "$'", "\u2028"),
        (text, bad) => {
          const fleet = named(`${bad}${text}${bad}`);
          const html = fleetPage(fleet, template);
          const tags = (of: string) => of.match(/<\/?script|<!--/gi)?.length;
          expect(tags(html)).toBe(tags(template));
          expect(dataIn(html)).toEqual(JSON.parse(JSON.stringify(fleet)));
        },
      ),
    );
  });

  test("has a policy that lets run its own script and style, and load nothing", () => {
    const [, policy = ""] = /Content-Security-Policy" content="([^"]*)"/.exec(template) ?? [];
    const inside = (tag: string) => new RegExp(`<${tag}>(.*?)</${tag}>`, "s").exec(template)?.[1] ?? "";
    const hash = (text: string) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
    expect(policy.split("; ")).toEqual([
      "default-src 'none'",
      `script-src ${hash(inside("script"))}`,
      `style-src ${hash(inside("style"))}`,
      "base-uri 'none'",
      "form-action 'none'",
    ]);
  });

  test("names nothing that would be loaded, and has no style or handler in an attribute", () => {
    const markup = template.replace(/<(script|style)[^>]*>.*?<\/\1>/gs, "").replace(/<!--.*?-->/gs, "");
    expect(markup).not.toMatch(/\s(?:src|style|on\w+)=|<(?:link|img|iframe|object|embed)\b|url\(/i);
  });

  test("is what the build has put beside the bundle, with the licenses of what is in it", async () => {
    const built = await readTemplate();
    expect(built.startsWith(template.trimEnd())).toBe(true);
    for (const name of ["@tanstack/table-core", "d3-scale", "d3-axis", "d3-selection"]) {
      expect(built).toContain(`${name} `);
    }
    expect(built.match(/-->/g)).toHaveLength(1);
  });
});
