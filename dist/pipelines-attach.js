import { pipelinesAttach } from "./azureml-clusters/index.js";
await pipelinesAttach();
