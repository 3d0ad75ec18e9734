import { verifyExtension } from "./azureml-clusters/index.js";
await verifyExtension();
