import { pipelinesUpdateComponents } from "./azureml-clusters/index.js";
await pipelinesUpdateComponents();
