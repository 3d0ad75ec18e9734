import { pipelinesVerifyExtension } from "./azureml-clusters/index.js";
await pipelinesVerifyExtension();
