/**
 * `npm run package:vsix`: puts the content of the extension for Azure Pipelines together, from dist/ and
 * azure-pipelines/, and has Microsoft's tfx check it and make the .vsix, in .artifacts/. Arguments go to tfx, `--publisher`
 * for one. With `--stage <folder>` the content goes there, and no .vsix is made.
 */
import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

/** Not a dependency: it is 69 MB, and nobody but who publishes needs it. */
const TFX = "tfx-cli@0.23.1";
const root = path.join(import.meta.dirname, "..");
const [option, folder, ...rest] = process.argv.slice(2);
if (option === "--stage" && folder && rest.length === 0) stage(path.resolve(folder));
else packageIt();

/** @param {string} folder */
function stage(folder) {
  for (const file of ["vss-extension.json", "icon.png"])
    copy(`azure-pipelines/${file}`, path.join(folder, file));
  copy("docs/AZURE-PIPELINES.md", path.join(folder, "overview.md"));
  copy("LICENSE", path.join(folder, "LICENSE"));
  for (const action of readdirSync(path.join(root, "azure-pipelines/tasks"))) {
    stageTask(action, path.join(folder, action));
  }
}

/**
 * A task stands alone, since an agent loads it without the others. Its scripts are no ES modules: an agent runs them, but
 * the mock runner of azure-pipelines-task-lib takes them by `require`.
 * @param {string} action
 * @param {string} folder
 */
function stageTask(action, folder) {
  const entries = { main: `pipelines-${action}.js`, after: "pipelines-after.js" };
  copy(`azure-pipelines/tasks/${action}/task.json`, path.join(folder, "task.json"));
  copy("azure-pipelines/task-icon.png", path.join(folder, "icon.png"));
  for (const part of ["package.json", "azureml-clusters", ...Object.values(entries)]) {
    copy(`dist/${part}`, path.join(folder, "dist", part));
  }
  for (const [script, entry] of Object.entries(entries)) {
    writeFileSync(path.join(folder, `${script}.js`), `import("./dist/${entry}");\n`);
  }
}

/**
 * @param {string} from
 * @param {string} to
 */
function copy(from, to) {
  cpSync(path.join(root, from), to, { recursive: true });
}

/** tfx only warns of a wrong task.json, and makes a .vsix all the same. */
function packageIt() {
  const npm = process.env["npm_execpath"];
  if (npm === undefined) throw new Error("Run: npm run package:vsix");
  const folder = mkdtempSync(path.join(tmpdir(), "vsix-"));
  const [content, made] = [path.join(folder, "content"), path.join(folder, "made")];
  const create = ["extension", "create", "--manifests", "vss-extension.json", "--output-path", made];
  const tfx = ["exec", "--yes", `--package=${TFX}`, "--", "tfx", ...create, "--no-prompt", "--no-color"];
  try {
    stage(content);
    const args = [npm, ...tfx, ...process.argv.slice(2)];
    const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: content, encoding: "utf8" });
    console.log(`${stdout}${stderr}`.trim());
    if (status !== 0 || /^warning:/m.test(stdout + stderr))
      throw new Error("tfx does not take the extension");
    cpSync(made, path.join(root, ".artifacts"), { recursive: true });
    for (const file of readdirSync(made)) console.log(`.artifacts/${file}`);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
