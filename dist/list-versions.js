import { listVersions } from "./azureml-clusters/index.js";
await listVersions();
