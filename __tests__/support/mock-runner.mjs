// Runs `mock-task.mjs` under the mock runner of azure-pipelines-task-lib and prints what that saw. A process of its own,
// since the mock runner waits for the task without letting anything else happen, the emulator for one.
import path from "node:path";
import { MockTestRunner } from "azure-pipelines-task-lib/mock-test.js";

const runner = new MockTestRunner(path.join(import.meta.dirname, "mock-task.mjs"));
// Otherwise it would download one.
runner.nodePath = process.env["TASK_NODE"] ?? process.execPath;
await runner.runAsync();
const { succeeded, errorIssues, warningIssues, stdout, stderr } = runner;
console.log(JSON.stringify({ succeeded, errorIssues, warningIssues, stdout, stderr }));
