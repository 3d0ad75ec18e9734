import { pipelinesAfter } from "./azureml-clusters/index.js";
await pipelinesAfter();
