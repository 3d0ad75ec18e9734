export { after } from "./after.ts";
export { attach } from "./attach.ts";
export { detach } from "./detach.ts";
