import { deployExtension } from "./azureml-clusters/index.js";
await deployExtension();
