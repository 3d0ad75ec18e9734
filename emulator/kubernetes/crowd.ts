import { uuidFrom } from "../ids.ts";
import type { JsonObject } from "../json.ts";
import { EXTENSION_NAMESPACE } from "./components.ts";
import type { ClusterFacts } from "./facts.ts";
import { zulu } from "./plan.ts";

/** The most that `podCount` fills a namespace with. */
const MOST = 2000;

/** Pods of jobs that fill the namespace, as large as real ones are: for paging and memory. */
export function crowd(facts: ClusterFacts): JsonObject[] {
  const { podCount, podsFail } = facts.knobs;
  const count = facts.extension ? Math.min(MOST, podCount) : 0;
  return Array.from({ length: count }, (_, index) => crowdPod(facts, index, podsFail));
}

function crowdPod(facts: ClusterFacts, index: number, fails: boolean): JsonObject {
  const name = `job-${String(index).padStart(5, "0")}-worker-0`;
  const uid = uuidFrom(`${facts.id} ${name}`);
  const image = "mcr.microsoft.com/azureml/openmpi4.1.0-ubuntu20.04:20250101.v1";
  const at = zulu(facts.since);
  const failed = {
    ready: false,
    restartCount: 12,
    state: {
      waiting: { reason: "CrashLoopBackOff", message: `back-off 5m0s restarting failed container=worker` },
    },
    lastState: { terminated: { reason: "Error", exitCode: 1, startedAt: at, finishedAt: at } },
  };
  const running = { ready: true, restartCount: 0, state: { running: { startedAt: at } }, lastState: {} };
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      name,
      namespace: EXTENSION_NAMESPACE,
      uid,
      labels: { "ml.azure.com/job-name": `job-${index}` },
      creationTimestamp: at,
      managedFields: managedFields(at),
    },
    spec: {
      nodeName: `node-${index % 50}`,
      restartPolicy: "Always",
      containers: [{ name: "worker", image, resources: { requests: { cpu: "100m", memory: "128Mi" } } }],
    },
    status: {
      phase: "Running",
      startTime: at,
      conditions: [{ type: "Ready", status: fails ? "False" : "True", lastTransitionTime: at }],
      containerStatuses: [{ name: "worker", image, ...(fails ? failed : running) }],
    },
  };
}

/** Half of a real pod is the record of who set which field: about six kilobytes. */
function managedFields(time: string): JsonObject[] {
  const fields = Object.fromEntries(
    Array.from({ length: 60 }, (_, index) => [
      `f:field-of-the-specification-${index}`,
      { ".": {}, "f:value": {} },
    ]),
  );
  return [
    {
      manager: "aml-operator",
      operation: "Update",
      apiVersion: "v1",
      time,
      fieldsType: "FieldsV1",
      fieldsV1: fields,
    },
    {
      manager: "kubelet",
      operation: "Update",
      apiVersion: "v1",
      time,
      fieldsType: "FieldsV1",
      fieldsV1: fields,
    },
  ];
}
