import { pipelinesDeployExtension } from "./azureml-clusters/index.js";
await pipelinesDeployExtension();
