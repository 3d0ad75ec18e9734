import { pipelinesCreateCluster } from "./azureml-clusters/index.js";
await pipelinesCreateCluster();
