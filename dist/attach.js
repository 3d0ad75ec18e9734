import { attach } from "./azureml-clusters/index.js";
await attach();
