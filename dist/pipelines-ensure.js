import { pipelinesEnsure } from "./azureml-clusters/index.js";
await pipelinesEnsure();
