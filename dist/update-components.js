import { updateComponents } from "./azureml-clusters/index.js";
await updateComponents();
