/**
 * The fleet page without its data: page/ in one file that asks nothing of the network. Its policy lets run the script
 * that is in it, by its hash, and nothing else, so that no text of others can become a script.
 */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import path from "node:path";
import { build } from "esbuild";

/**
 * @param {string} root
 * @returns {Promise<{ html: string, files: string[] }>} the page, and the files that are in its script
 */
export async function buildPage(root) {
  const folder = path.join(root, "page");
  /** @type {import("esbuild").BuildOptions & { write: false }} */
  const common = {
    absWorkingDir: root,
    bundle: true,
    minify: true,
    write: false,
    // The licenses of what is in it stand at the end of the page.
    legalComments: "none",
    target: ["chrome123", "firefox125", "safari17.5"],
  };
  const script = await build({
    ...common,
    entryPoints: [path.join(folder, "main.ts")],
    format: "iife",
    metafile: true,
  });
  const style = await build({ ...common, entryPoints: [path.join(folder, "style.css")] });
  const [code, css] = [textOf(script), textOf(style)];
  const template = readFileSync(path.join(folder, "index.html"), "utf8");
  const html = [
    ["/*style*/", css],
    ["/*script*/", code],
    ["{{style-hash}}", hash(css)],
    ["{{script-hash}}", hash(code)],
  ].reduce((text, [mark = "", value = ""]) => replaced(text, mark, value), template.replaceAll("\r\n", "\n"));
  const files = Object.keys(script.metafile.inputs).map((file) => path.resolve(root, file));
  return { html, files };
}

/** @param {{ outputFiles: { text: string }[] }} result */
function textOf({ outputFiles: [file] }) {
  const text = file?.text.trim() ?? "";
  // These would end the element that the text stands in.
  if (/<\/(?:script|style)|<!--/i.test(text))
    throw new Error("The page's script or style would end too early.");
  return text;
}

/**
 * @param {string} text
 * @param {string} mark
 * @param {string} value
 */
function replaced(text, mark, value) {
  if (text.split(mark).length !== 2) throw new Error(`page/index.html has not one ${mark}`);
  return text.replace(mark, () => value);
}

/** @param {string} text */
function hash(text) {
  return `sha256-${createHash("sha256").update(text).digest("base64")}`;
}
