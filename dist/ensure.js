import { ensure } from "./azureml-clusters/index.js";
await ensure();
