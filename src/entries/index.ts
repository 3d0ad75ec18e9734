export { after } from "./after.ts";
export { attach } from "./attach.ts";
export { detach } from "./detach.ts";
export { pipelinesAfter } from "./pipelines-after.ts";
export { pipelinesAttach } from "./pipelines-attach.ts";
export { pipelinesDetach } from "./pipelines-detach.ts";
