import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { type Browser, chromium, type Page } from "playwright-core";

/** Where Debian, others and `CHROMIUM` have it. */
const programs = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/** Starts Chromium without a window. */
export function startBrowser(): Promise<Browser> {
  const program = process.env["CHROMIUM"] ?? programs.find((file) => existsSync(file));
  if (program === undefined) throw new Error("There is no Chromium here: apt-get install chromium.");
  // In a container its own sandbox finds no user namespaces.
  return chromium.launch({ executablePath: program, args: ["--no-sandbox", "--disable-gpu"] });
}

/** A page that was opened from a file, and what it did that it must not do. */
export interface Opened {
  readonly page: Page;
  /** Requests for anything but the file, refusals of its policy, errors of its script. */
  readonly trouble: readonly string[];
}

/** Opens a page from a file, as one does with an artifact. */
export async function openPage(
  browser: Browser,
  html: string,
  theme: "light" | "dark" = "light",
): Promise<Opened> {
  const folder = mkdtempSync(path.join(tmpdir(), "page-"));
  const file = path.join(folder, "fleet.html");
  writeFileSync(file, html);
  const context = await browser.newContext({ colorScheme: theme, viewport: { width: 1500, height: 1000 } });
  const page = await context.newPage();
  const trouble: string[] = [];
  const url = pathToFileURL(file).href;
  page.on("request", (request) => {
    if (request.url() !== url) trouble.push(`request ${request.url()}`);
  });
  page.on("console", (message) => {
    if (message.type() === "error") trouble.push(message.text());
  });
  page.on("pageerror", (error) => trouble.push(error.message));
  page.on("dialog", (dialog) => {
    trouble.push(`dialog ${dialog.message()}`);
    void dialog.dismiss();
  });
  await page.goto(url);
  rmSync(folder, { recursive: true });
  return { page, trouble };
}
