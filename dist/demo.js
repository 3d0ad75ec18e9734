import { demo } from "./emulator/index.js";
await demo();
