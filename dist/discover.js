import { discover } from "./azureml-clusters/index.js";
await discover();
