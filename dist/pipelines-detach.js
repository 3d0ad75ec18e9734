import { pipelinesDetach } from "./azureml-clusters/index.js";
await pipelinesDetach();
