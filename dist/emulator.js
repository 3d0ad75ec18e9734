import { cli } from "./emulator/index.js";
await cli(process.argv.slice(2));
