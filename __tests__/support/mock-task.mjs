// What the mock runner of azure-pipelines-task-lib runs: a packaged task, with the real library that is in its bundle.
import { TaskMockRunner } from "azure-pipelines-task-lib/mock-run.js";

const withRealLibrary = true;
new TaskMockRunner(process.env["TASK_SCRIPT"] ?? "").run(withRealLibrary);
