import { pipelinesDiscover } from "./azureml-clusters/index.js";
await pipelinesDiscover();
