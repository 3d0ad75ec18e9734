import { createCluster } from "./azureml-clusters/index.js";
await createCluster();
