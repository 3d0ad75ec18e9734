import { detach } from "./azureml-clusters/index.js";
await detach();
