import { mkdirSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type { Browser, Page } from "playwright-core";
import type { Fleet, Standing } from "../../src/model/fleet.ts";
import type { Report } from "../../src/model/report.ts";
import { gatherFleet, keyOf, type PastDay } from "../../src/report/fleet-page/gather.ts";
import { fleetPage, readTemplate } from "../../src/report/fleet-page/page.ts";
import { openPage, startBrowser } from "../support/browser.ts";
import { clusterReport, fleetReports, fleetTime, gateOf } from "../support/fleet-reports.ts";

const pictures = path.join(import.meta.dirname, "../../.artifacts/page");
let browser: Browser;
let template: string;
beforeAll(async () => {
  mkdirSync(pictures, { recursive: true });
  [browser, template] = await Promise.all([startBrowser(), readTemplate()]);
});
afterAll(() => browser.close());

const open = (fleet: Fleet, theme?: "light" | "dark") => openPage(browser, fleetPage(fleet, template), theme);
const fleetOf = (reports: readonly Report[], past: readonly PastDay[] = []) =>
  gatherFleet(reports, past, fleetTime);
const forty = fleetOf(fleetReports(40));

/** The days before, on which some stood otherwise. */
function past(count: number): PastDay[] {
  const keys = fleetReports(count).map(keyOf);
  return Array.from({ length: 20 }, (_, number) => {
    const standing = (index: number): Standing => ((index * 7 + number * 3) % 23 === 0 ? "fail" : "pass");
    const standings = new Map(keys.map((key, index) => [key, standing(index)]));
    return { day: `2026-11-${String(number + 1).padStart(2, "0")}`, standings };
  });
}

const firstNames = (page: Page, count = 3) =>
  page.locator(".body .cluster").evaluateAll((cells, most) => {
    const byPlace = cells.map((cell) => ({
      top: cell.getBoundingClientRect().top,
      text: cell.textContent ?? "",
    }));
    return byPlace
      .sort((one, other) => one.top - other.top)
      .slice(0, most)
      .map(({ text }) => text);
  }, count);

/** Where the focus is: the words, and the place in the grid. */
const focus = (page: Page) =>
  page.evaluate(() => {
    const at = document.activeElement;
    const row = at?.closest("[role=row]")?.getAttribute("aria-rowindex") ?? "";
    return {
      text: at?.getAttribute("aria-label") ?? at?.textContent ?? "",
      row: Number(row),
      column: Number(at?.getAttribute("aria-colindex") ?? 0),
    };
  });

describe.each([3, 1_000])("the page of %d clusters", (count) => {
  test.each(["light", "dark"] as const)("opens in %s, without a word to the network", async (theme) => {
    const { page, trouble } = await open(fleetOf(fleetReports(count), past(count)), theme);
    expect(await page.locator("#count").textContent()).toBe(`${count.toLocaleString("en")} clusters`);
    expect(await page.locator("figure").count()).toBe(3);
    expect(await page.locator("#grid").getAttribute("aria-rowcount")).toBe(String(count + 1));
    expect(await page.locator(".body .row").count()).toBeLessThan(60);
    await page.screenshot({ path: path.join(pictures, `${count}-${theme}.png`) });
    expect(trouble).toEqual([]);
  });
});

describe("filters", () => {
  test("by text, verdict, subscription, region and check leave what they say, and clear", async () => {
    const { page } = await open(forty);
    const count = () => page.locator("#count").textContent();
    await page.getByLabel("Text").fill("cluster-0013");
    expect(await count()).toBe("1 of 40 clusters");
    expect(await firstNames(page)).toEqual(["cluster-0013"]);
    await page.getByLabel("Text").fill("");
    await page.getByLabel("Verdict").selectOption("fail");
    expect(await count()).toBe("4 of 40 clusters");
    await page.getByLabel("Region").selectOption("eastus");
    expect(await firstNames(page)).toEqual(["cluster-0002"]);
    await page.getByRole("button", { name: "Clear" }).click();
    expect(await count()).toBe("40 clusters");
    await page.getByLabel("Subscription").selectOption({ index: 1 });
    expect(await count()).toBe("4 of 40 clusters");
    await page.getByRole("button", { name: "Clear" }).click();
    await page.getByLabel("Check not passed").selectOption({ index: 1 });
    expect(await count()).toMatch(/^[1-9]\d? of 40 clusters$/);
  });

  test("by a number above do the same, and tell that they are on", async () => {
    const { page } = await open(forty);
    const tile = page.getByRole("button", { name: "Warning" });
    await tile.click();
    expect(await tile.getAttribute("aria-pressed")).toBe("true");
    expect(await page.getByLabel("Verdict").inputValue()).toBe("warn");
    expect(await page.locator("#count").textContent()).toMatch(/of 40/);
    await tile.click();
    expect(await page.locator("#count").textContent()).toBe("40 clusters");
  });

  test("hide the checks that all pass", async () => {
    const { page } = await open(forty);
    const checks = () => page.locator(".head .check").count();
    expect(await checks()).toBe(forty.checks.length);
    await page.getByLabel("Hide checks that all pass").check();
    await page.getByLabel("Text").fill("cluster-0002");
    expect(await checks()).toBe(forty.clusters[2]?.findings.length);
    await page.getByLabel("Verdict").selectOption("pass");
    expect(await checks()).toBe(0);
  });
});

describe("sorting", () => {
  test("by a click on a head, and the other way round by another", async () => {
    const { page } = await open(forty);
    const head = page.locator(".head .cluster");
    await head.click();
    expect(await head.getAttribute("aria-sort")).toBe("ascending");
    expect(await firstNames(page)).toEqual(["cluster-0000", "cluster-0001", "cluster-0002"]);
    await head.click();
    expect(await head.getAttribute("aria-sort")).toBe("descending");
    expect(await firstNames(page)).toEqual(["cluster-0039", "cluster-0038", "cluster-0037"]);
  });
});

describe("by the keyboard alone", () => {
  test("the grid is one stop, with arrows inside, and all of a thousand rows can be reached", async () => {
    const { page } = await open(fleetOf(fleetReports(1_000)));
    await page.getByRole("button", { name: "Clear" }).focus();
    await page.keyboard.press("Tab");
    expect(await focus(page)).toMatchObject({ row: 1, column: 1 });
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("ArrowRight");
    expect(await focus(page)).toEqual({ text: "Fail", row: 2, column: 2 });
    await page.keyboard.press("Control+End");
    const columns = Number(await page.locator("#grid").getAttribute("aria-colcount"));
    expect(await focus(page)).toMatchObject({ row: 1_001, column: columns });
    await expectSeen(page);
    await page.keyboard.press("Home");
    expect(await focus(page)).toMatchObject({ row: 1_001, column: 1 });
    await page.keyboard.press("PageUp");
    expect((await focus(page)).row).toBeLessThan(1_000);
    await expectSeen(page);
    await page.keyboard.press("Control+Home");
    expect(await focus(page)).toMatchObject({ row: 1, column: 1 });
    await page.keyboard.press("Shift+Tab");
    expect((await focus(page)).text).toBe("Clear");
  });

  test("Enter sorts at a head; at a cell it tells more, and Escape goes back there", async () => {
    const { page } = await open(forty);
    await page.getByRole("button", { name: "Clear" }).focus();
    for (const key of ["Tab", "Enter"]) await page.keyboard.press(key);
    expect(await firstNames(page, 1)).toEqual(["cluster-0000"]);
    for (const key of ["ArrowDown", "ArrowDown", "ArrowDown", "Enter"]) await page.keyboard.press(key);
    const details = page.getByRole("complementary");
    expect(await details.getByRole("heading", { level: 2 }).textContent()).toBe("cluster-0002");
    expect(await details.locator(".finding").count()).toBe(forty.clusters[2]?.findings.length);
    await page.keyboard.press("Escape");
    expect(await details.isVisible()).toBe(false);
    expect(await focus(page)).toEqual({ text: "cluster-0002", row: 4, column: 1 });
  });

  test("what has the focus can be seen to have it", async () => {
    const { page } = await open(forty);
    for (const seen of ["Skip to the clusters", "Theme"]) {
      await page.keyboard.press("Tab");
      const outline = await page.evaluate(
        () => getComputedStyle(document.activeElement as Element).outlineWidth,
      );
      expect([seen, outline]).toEqual([seen, "3px"]);
    }
  });

  async function expectSeen(page: Page): Promise<void> {
    const inside = await page.evaluate(() => {
      const cell = document.activeElement?.getBoundingClientRect();
      const box = document.getElementById("grid")?.getBoundingClientRect();
      return (
        cell && box && cell.top >= box.top && cell.bottom <= box.bottom + 1 && cell.right <= box.right + 1
      );
    });
    expect(inside).toBe(true);
  }
});

test("a check of a cluster tells what it found", async () => {
  const { page } = await open(forty);
  await page.locator(".body .check.fail").first().click();
  const text = await page.getByRole("complementary").textContent();
  expect(text).toContain("cluster-0002: ");
  expect(text).toContain("What to do: Look at it.");
});

describe("the theme", () => {
  const ground = (page: Page) => page.evaluate(() => getComputedStyle(document.body).backgroundColor);

  test("is that of the system, until one chooses another, and back", async () => {
    const { page } = await open(forty, "dark");
    expect(await ground(page)).toBe("rgb(22, 24, 29)");
    await page.getByLabel("Theme").selectOption("light");
    expect(await ground(page)).toBe("rgb(255, 255, 255)");
    await page.getByLabel("Theme").selectOption("dark");
    expect(await ground(page)).toBe("rgb(22, 24, 29)");
    await page.getByLabel("Theme").selectOption("");
    await page.emulateMedia({ colorScheme: "light" });
    expect(await ground(page)).toBe("rgb(255, 255, 255)");
  });
});

test("names and texts of others are text, wherever they stand, and their links lead to the web alone", async () => {
  const evil = `</script><img src=x onerror=alert(1)><svg onload=alert(2)>"'\`{{fleet}}`;
  const finding = {
    id: evil,
    severity: "error",
    source: evil,
    seen: evil,
    remedy: evil,
    object: evil,
  } as const;
  const checks = [
    {
      id: evil,
      subject: evil,
      source: evil,
      result: "fail",
      findings: [{ ...finding, link: "javascript:alert(3)" }],
    },
  ] as const;
  const report = clusterReport(0, {
    target: {
      clusterId: evil,
      computeName: evil,
      workspaceName: evil,
      subscriptionId: evil,
      resourceGroup: evil,
    },
    extensionVersion: evil,
    gate: { ...gateOf(0), verdict: "fail", checks, sight: { region: evil, kubernetesVersion: evil } },
    error: { code: evil, message: evil, details: [] },
  });
  const { page, trouble } = await open(fleetOf([report, clusterReport(1)], past(2)));
  await page.locator(".body .cluster").first().click();
  const details = page.getByRole("complementary");
  expect(await details.textContent()).toContain(evil);
  expect(await details.locator("a").count()).toBe(0);
  await page.keyboard.press("Escape");
  await page.locator(".body .check").first().click();
  expect(await page.locator("img").count()).toBe(0);
  expect(await page.locator("[onload], [onerror]").count()).toBe(0);
  expect(trouble).toEqual([]);
});

test("a fleet of none says so", async () => {
  const { page, trouble } = await open(fleetOf([]));
  expect(await page.locator("#count").textContent()).toBe("0 clusters");
  expect(trouble).toEqual([]);
});
