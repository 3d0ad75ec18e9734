import { pipelinesListVersions } from "./azureml-clusters/index.js";
await pipelinesListVersions();
