import type { Container, Pod, Termination } from "../../model/kubernetes.ts";
import { routerWorkloads } from "../../model/workloads.ts";
import { sentence, short } from "../wording.ts";
import { type Ailment, latestEvent, type PodContext, workloadName } from "./pod-trouble.ts";
import { unscheduled } from "./scheduling.ts";

const imageReasons = new Set([
  "ErrImagePull",
  "ImagePullBackOff",
  "InvalidImageName",
  "ErrImageNeverPull",
  "RegistryUnavailable",
  "ImageInspectError",
  "SignatureValidationFailed",
]);
const configurationReasons = new Set([
  "CreateContainerConfigError",
  "CreateContainerError",
  "RunContainerError",
  "PreCreateHookError",
  "PostStartHookError",
]);

/** What is wrong with a pod; `undefined` of one that runs and is ready, or has done its work. */
export function ailment(pod: Pod, context: PodContext): Ailment | undefined {
  if (pod.deleting || pod.phase === "Succeeded") return undefined;
  if (pod.phase === "Failed") return failed(pod);
  if (pod.phase === "Unknown" || pod.reason === "NodeLost") return nodeLost(pod);
  if (pod.node === undefined) return unplaced(pod, context);
  const ill = pod.containers.flatMap((container) => ofContainer(pod, container, context) ?? []);
  const onWindows = windowsNode(pod, context);
  if (onWindows && (ill.length > 0 || !pod.ready)) return onWindows;
  return ill[0] ?? (pod.ready ? undefined : (volume(pod, context) ?? unready(pod, context)));
}

function ofContainer(pod: Pod, container: Container, context: PodContext): Ailment | undefined {
  const reason = container.waiting?.reason ?? "";
  if (imageReasons.has(reason)) return image(pod, container, context);
  if (configurationReasons.has(reason)) return configuration(container);
  const ended =
    reason === "CrashLoopBackOff" ? (container.last ?? container.terminated) : container.terminated;
  const bad = ended && (ended.exitCode !== 0 || ended.reason === "OOMKilled") ? ended : undefined;
  if (reason === "CrashLoopBackOff" || bad) return ending(pod, container, bad ?? ended, context);
  // It runs again, but it was not ready since.
  return container.last?.reason === "OOMKilled" && !container.ready && !pod.ready
    ? ending(pod, container, container.last, context)
    : undefined;
}

function image(pod: Pod, container: Container, context: PodContext): Ailment {
  const registry = registryOf(container.image);
  const { reason = "", message = "" } = container.waiting ?? {};
  const event = latestEvent(context, "Pod", pod.name, "Failed");
  const why = pullError(event && /pull/i.test(event.message) ? event.message : message);
  const remedy = imageRemedy(why, registry);
  return {
    kind: "image",
    key: `${container.image} ${reason}`,
    shared: remedy,
    what: `the image ${container.image} can't be pulled from ${registry} (${reason}). ${sentence(short(why))}`,
    remedy,
    link: "https://learn.microsoft.com/azure/machine-learning/how-to-access-azureml-behind-firewall#scenario-use-kubernetes-compute",
    lasting: reason === "InvalidImageName",
  };
}

/** What follows the names and wrappings that the runtime puts before the reason. */
function pullError(message: string): string {
  return message.replace(
    /(?:Failed to pull image|failed to pull and unpack image|failed to resolve reference) "[^"]*":\s*|rpc error: code = \w+ desc = /gi,
    "",
  );
}

function imageRemedy(why: string, registry: string): string {
  // Microsoft's own registry asks nobody who he is: a refusal comes from something on the way.
  if (
    registry !== "mcr.microsoft.com" &&
    /unauthori[sz]ed|401|403|denied|authentication required/i.test(why)
  ) {
    return `Let the nodes pull from ${registry}: check the pull secret or the kubelet identity's AcrPull role.`;
  }
  if (/not found|manifest unknown|no such/i.test(why)) {
    return `Check that ${registry} has this image; a mirror must hold all images of the extension's version.`;
  }
  return `Open the way from the nodes to https://${registry} in firewall, proxy and DNS; the network rules of Azure ML list all hosts.`;
}

/** What stands before the first slash, where it looks like a host; else Docker's own registry. */
function registryOf(imageName: string): string {
  const [first = "", rest] = imageName.split("/", 2);
  return rest !== undefined && /[.:]|^localhost$/.test(first) ? first : "docker.io";
}

function configuration(container: Container): Ailment {
  const message = short(container.waiting?.message ?? "");
  const missing = /(secret|configmap) "?([\w.-]+)"? not found/i.exec(message);
  return {
    kind: "configuration",
    key: `${container.name} ${container.waiting?.reason} ${message}`,
    what: `container ${container.name} can't be made (${container.waiting?.reason}). ${sentence(message)}`,
    remedy: missing
      ? `Create the ${missing[1]} \`${missing[2]}\` in namespace azureml, or deploy the extension again, which makes its own.`
      : "Mend what the message names; if an object of the extension is missing, run `deploy-extension` again.",
  };
}

/** A container that ended badly: for want of memory, or by itself. */
function ending(
  pod: Pod,
  container: Container,
  ended: Termination | undefined,
  context: PodContext,
): Ailment {
  const workload = workloadName(pod, context.workloads);
  const times = container.restarts > 0 ? `, restarted ${container.restarts} times` : "";
  if (ended?.reason === "OOMKilled") {
    return {
      kind: "out-of-memory",
      key: container.name,
      what: `container ${container.name} was killed for want of memory (OOMKilled, exit code ${ended.exitCode}${times}).`,
      remedy: /ingress-nginx/.test(workload)
        ? "Give `config: nginxIngress.controllerConfig.worker-processes=<few>` or a higher `nginxIngress.resources.controller.limits.memory`."
        : `Look at what it needs (\`kubectl top pod -n azureml\`) and at its limit (\`kubectl describe pod -n azureml ${pod.name}\`); use nodes with more memory, or a newer version of the extension.`,
    };
  }
  const how = ended
    ? `exit code ${ended.exitCode}, ${ended.reason || "Error"}${times}`
    : `CrashLoopBackOff${times}`;
  const said = short(ended?.message ?? "");
  return {
    kind: "crash",
    key: `${container.name} ${ended?.exitCode}`,
    what: `container ${container.name} ends again and again (${how}).${said ? ` It said: ${sentence(said)}` : ""}`,
    remedy: `Read its log: \`kubectl logs -n azureml ${pod.name} -c ${container.name} --previous\`.${hint(workload)}`,
  };
}

/** What a crash of that workload mostly comes from. */
function hint(workload: string): string {
  if (routerWorkloads.includes(workload)) {
    return " A router mostly ends for its certificate: check `sslSecret` or the PEM pair, and `sslCname`.";
  }
  if (/^inference-operator/.test(workload)) {
    return " Mostly the router's service type does not suit the cluster: check `config: inferenceRouterServiceType`.";
  }
  return workload === "relayserver"
    ? " Mostly its Relay was changed or its connection string is old: run `deploy-extension` again."
    : "";
}

function unplaced(pod: Pod, context: PodContext): Ailment {
  const event = latestEvent(context, "Pod", pod.name, "FailedScheduling");
  const message = pod.unschedulable ?? event?.message;
  if (message === undefined) {
    return {
      kind: "not-started",
      key: "unplaced",
      what: "the scheduler has not placed it yet.",
      remedy: "Look at the scheduler and the nodes: `kubectl get nodes` and `kubectl describe pod`.",
    };
  }
  const isRouter = routerWorkloads.includes(workloadName(pod, context.workloads));
  const { seen, remedy, lasting } = unscheduled(message, pod, { ...context, isRouter });
  const told = `${seen.replace(/\d+/g, "")} ${remedy}`;
  return { kind: "unschedulable", key: told, shared: told, what: seen, remedy, lasting };
}

function volume(pod: Pod, context: PodContext): Ailment | undefined {
  const event = latestEvent(context, "Pod", pod.name, "FailedMount", "FailedAttachVolume");
  if (!event) return undefined;
  const message = short(event.message);
  const missing = /(secret|configmap) "?(?:azureml\/)?([\w.-]+)"? not found/i.exec(message);
  return {
    kind: "volume",
    key: message.replace(/\S*[\w-]{30,}\S*/g, ""),
    what: `a volume can't be mounted. ${sentence(message)}`,
    remedy: missing
      ? `Create the ${missing[1]} \`${missing[2]}\` in namespace azureml${missing[1]?.toLowerCase() === "secret" ? "; the secret of `sslSecret` has the keys `cert.pem` and `key.pem`" : ""}.`
      : "Look at the volume and its driver: `kubectl describe pod` and `kubectl get csidrivers`.",
  };
}

/** The pod has a node and no container that says what is wrong. */
function unready(pod: Pod, context: PodContext): Ailment {
  const sandbox = latestEvent(context, "Pod", pod.name, "FailedCreatePodSandBox", "NetworkNotReady");
  const probe = latestEvent(context, "Pod", pod.name, "Unhealthy");
  if (pod.phase === "Running") {
    return {
      kind: "not-ready",
      key: "not ready",
      what: `it runs and is not ready.${probe ? ` ${sentence(short(probe.message))}` : ""}`,
      remedy: `Read its log: \`kubectl logs -n azureml ${pod.name} --all-containers\`.`,
    };
  }
  return {
    kind: "not-started",
    key: "not started",
    what: `its containers have not started.${sandbox ? ` ${sentence(short(sandbox.message))}` : ""}`,
    remedy: sandbox
      ? `Look at the network plug-in of node ${pod.node}.`
      : `Look at its events: \`kubectl describe pod -n azureml ${pod.name}\`.`,
  };
}

function windowsNode(pod: Pod, { nodes }: PodContext): Ailment | undefined {
  const node = nodes.find(({ name }) => name === pod.node);
  if (node?.os.toLowerCase() !== "windows") return undefined;
  return {
    kind: "windows-node",
    key: "windows",
    shared: "windows",
    what: `it was placed on the Windows node ${node.name}, where its image can't run (AML-Kubernetes#137).`,
    remedy:
      "Taint the Windows nodes, `kubectl taint nodes -l kubernetes.io/os=windows os=windows:NoSchedule`, and delete the pod; or give a `nodeSelector.…` line in `config` that only Linux nodes match.",
    lasting: true,
  };
}

function failed(pod: Pod): Ailment {
  if (pod.reason === "Evicted") {
    return {
      kind: "evicted",
      key: "evicted",
      what: "it was evicted from its node, mostly for want of memory or disk.",
      remedy: `Look at the node (\`kubectl describe node ${pod.node ?? ""}\`) and give it room; then \`kubectl delete pod -n azureml --field-selector=status.phase=Failed\`.`,
    };
  }
  const ended = pod.containers.map(({ terminated, last }) => terminated ?? last).find((one) => one?.exitCode);
  const oom = pod.containers.some(({ terminated }) => terminated?.reason === "OOMKilled");
  return {
    kind: oom ? "out-of-memory" : "failed",
    key: `failed ${pod.reason} ${ended?.exitCode}`,
    what: `it failed (${[pod.reason, oom ? "OOMKilled" : undefined, ended && `exit code ${ended.exitCode}`].filter(Boolean).join(", ") || "no reason given"}).`,
    remedy: `Read its log: \`kubectl logs -n azureml ${pod.name} --all-containers\`.`,
  };
}

function nodeLost(pod: Pod): Ailment {
  return {
    kind: "node-lost",
    key: `node ${pod.node}`,
    shared: `node ${pod.node}`,
    what: `its node ${pod.node ?? ""} does not answer any more.`,
    remedy: `Start or replace the node: \`kubectl describe node ${pod.node ?? ""}\`.`,
  };
}
