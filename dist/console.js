#!/usr/bin/env node
import { console } from "./console/index.js";
await console(async () => (await import("./azureml-clusters/index.js")).core());
