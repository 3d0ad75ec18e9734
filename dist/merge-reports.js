import { mergeReports } from "./azureml-clusters/index.js";
await mergeReports();
