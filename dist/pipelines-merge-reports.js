import { pipelinesMergeReports } from "./azureml-clusters/index.js";
await pipelinesMergeReports();
