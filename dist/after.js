import { after } from "./azureml-clusters/index.js";
await after();
