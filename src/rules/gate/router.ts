import { type ClusterContents, extensionNamespace } from "../../model/cluster-contents.ts";
import type { ClusterEvent, Service } from "../../model/kubernetes.ts";
import { present } from "../../model/observed.ts";
import { sameText } from "../../model/resource-id.ts";
import { ingressName, isFirstGeneration, routerWorkloads } from "../../model/workloads.ts";
import type { Verdict } from "../rule.ts";
import { sentence, short } from "../wording.ts";
import type { InsideFacts, InsideRule } from "./inside.ts";
import { type Installed, installed, patience, whileYoung } from "./installed.ts";
import { podTroubles } from "./pods.ts";

/** The service of the router keeps this name in every version (extension.md 14). */
const routerService = "azureml-fe";
const object = `Service ${extensionNamespace}/${routerService}`;

/** The way to the endpoints: service, address and ingress of the router. */
export const routerRules: readonly InsideRule[] = [
  {
    id: "router-service",
    subject: "router",
    source: "X4, extension.md 5a",
    looksAt: ({ services }) => [services],
    check: (facts) => {
      const router = look(facts);
      if (!router) return undefined;
      return router.service ? wrongType(router.service, router.extension) : missing(router.extension);
    },
  },
  {
    id: "router-address",
    subject: "router",
    source: "X4, extension.md 5a, 6 (E40001)",
    looksAt: ({ services }) => [services],
    check: (facts) => {
      const router = look(facts);
      const isWaiting = router?.service?.type === "LoadBalancer" && router.service.addresses.length === 0;
      return router && isWaiting ? withoutAddress(facts, router.contents, router.extension) : undefined;
    },
  },
  {
    id: "router-internal",
    subject: "router",
    source: "X4",
    looksAt: ({ services }) => [services],
    check: (facts) => {
      const router = look(facts);
      const address = router?.service?.addresses.find(isPublic);
      if (!router?.extension.settings.internalLoadBalancer || address === undefined) return undefined;
      if (sameText(router.service?.annotations[internalAnnotation] ?? "", "true")) return undefined;
      return {
        severity: "error",
        seen: `The settings ask for an internal load balancer, but ${object} has the public address ${address}.`,
        remedy: `Somebody changed it by hand: \`kubectl annotate svc azureml-fe -n azureml ${internalAnnotation}=true\`.`,
        object,
      };
    },
  },
  {
    id: "router-ingress",
    subject: "router",
    source: "extension.md 7 (ClusterServiceNotFound)",
    looksAt: ({ services, pods }) => [services, pods],
    check: (facts) => ingress(facts),
  },
];

/** The rule that the settings alone decide. */
export function publicHttp({ settings, version }: Installed): Verdict | undefined {
  const service = settings.routerService ?? (isFirstGeneration(version) ? "LoadBalancer" : undefined);
  const isOpen = settings.inference && settings.scheme === "http" && service === "LoadBalancer";
  if (!isOpen || settings.internalLoadBalancer) return undefined;
  return {
    severity: "warning",
    seen: "Endpoints are served over HTTP on a public load balancer: keys and data travel readable.",
    remedy:
      "Give a certificate (`config-protected: sslCertPemFile`, `sslKeyPemFile`, or `config: sslSecret`) with `config: sslCname`, or `config: internalLoadBalancerProvider=azure`.",
    object,
  };
}

/** The service of the router, where there should be one. */
export function routerOf(facts: InsideFacts): Service | undefined {
  return look(facts)?.service;
}

const internalAnnotation = "service.beta.kubernetes.io/azure-load-balancer-internal";

function look(
  facts: InsideFacts,
): { contents: ClusterContents; extension: Installed; service: Service | undefined } | undefined {
  const extension = installed(facts);
  const contents = present(facts.inside);
  const services = contents && present(contents.services);
  if (!contents || !services || !extension?.settings.inference) return undefined;
  // Where the namespace is gone, everything in it is: that is told by itself.
  if (contents.namespace.is === "absent") return undefined;
  return { contents, extension, service: services.find(({ name }) => name === routerService) };
}

function missing({ standing }: Installed): Verdict {
  const isFailed = standing === "failed";
  return {
    severity: isFailed ? "info" : "error",
    seen: `${object} is missing, so that no endpoint can be reached.`,
    remedy: isFailed
      ? "Mend the cause of the extension's failure; a new installation makes it."
      : "Somebody deleted it: delete the extension (`az k8s-extension delete`) and run `deploy-extension`.",
    object,
    ...(standing === "working" && { pending: true }),
  };
}

function wrongType(service: Service, { settings, standing }: Installed): Verdict | undefined {
  const wanted = settings.routerService;
  if (wanted === undefined || sameText(service.type, wanted)) return undefined;
  return {
    severity: "error",
    seen: `${object} is of type ${service.type}; the settings ask for ${wanted}.`,
    remedy: `Somebody changed it by hand: \`kubectl patch svc azureml-fe -n azureml -p '{"spec":{"type":"${wanted}"}}'\`; or run \`deploy-extension\` with \`config: inferenceRouterServiceType=${service.type}\`, if that is meant.`,
    object,
    ...(standing === "working" && { pending: true }),
  };
}

function withoutAddress(facts: InsideFacts, contents: ClusterContents, extension: Installed): Verdict {
  const events = (present(contents.events) ?? [])
    .filter(({ kind, name }) => kind === "Service" && name === routerService)
    .sort((one, other) => other.seen - one.seen);
  const refusal = events.find(({ type, reason }) => type === "Warning" && /LoadBalancer/.test(reason));
  return {
    severity: "error",
    seen: `${object} has no address yet.${refusal ? ` ${sentence(short(refusal.message))}` : ""}`,
    remedy: refusal ? addressRemedy(refusal) : nobodyGives(facts.cluster.kind),
    object,
    ...(isNew(events, contents, extension, facts.now) && { pending: true }),
  };
}

/** A service does not tell its age: its first event or its workload does. */
function isNew(
  events: readonly ClusterEvent[],
  contents: ClusterContents,
  { standing }: Installed,
  now: number,
): boolean {
  const deployment = (present(contents.workloads) ?? []).find(({ name }) => routerWorkloads.includes(name));
  const created = deployment && whileYoung(deployment.created, now).pending;
  const begun = events.some(({ reason, count, seen }) => {
    return reason === "EnsuringLoadBalancer" && count <= 1 && now - seen < patience;
  });
  return standing === "working" || created === true || begun;
}

/** What the cloud's answer to the load balancer means. */
function addressRemedy({ message }: ClusterEvent): string {
  if (/AuthorizationFailed|does not have (?:authorization|permission)/i.test(message)) {
    const scope = /over scope '([^']+)'|linked scope\(s\) '([^']+)'/.exec(message);
    return `Give the identity of the cluster \`Network Contributor\` on ${scope?.[1] ?? scope?.[2] ?? "the subnet and its virtual network"}; a new role takes some minutes to work.`;
  }
  if (/PublicIP\w*LimitReached|quota|limit.*public ip/i.test(message)) {
    return "Remove public IP addresses that nobody needs, ask for a higher quota, or give `config: internalLoadBalancerProvider=azure`.";
  }
  if (/subnet/i.test(message)) {
    return "Give the load balancer a subnet that exists and has free addresses: `az network vnet subnet show`.";
  }
  return "Mend what the message names: `kubectl describe svc azureml-fe -n azureml`.";
}

function nobodyGives(cluster: "aks" | "arc"): string {
  return cluster === "aks"
    ? "Look at its events: `kubectl describe svc azureml-fe -n azureml`; the activity log of the cluster's node resource group has the refusal of Azure."
    : "The cluster seems to have no load balancer: install one such as MetalLB, or give `config: inferenceRouterServiceType=NodePort`.";
}

function ingress(facts: InsideFacts): Verdict | undefined {
  const router = look(facts);
  const pods = router && present(router.contents.pods);
  const isExpected = router?.extension.settings.ingress && !isFirstGeneration(router.extension.version);
  if (!router || !pods || !isExpected || router.extension.standing === "failed") return undefined;
  const services = present(router.contents.services) ?? [];
  const own = pods.filter(({ name, owner }) => (owner ?? name).startsWith(ingressName));
  const isThere = services.some(({ name }) => name === ingressName);
  if (isThere && own.some(({ phase, ready }) => phase === "Running" && ready)) return undefined;
  const cause = podTroubles(facts).find(({ workload, harms }) => workload === ingressName && harms);
  return {
    severity: cause ? "info" : "error",
    seen: isThere
      ? `Service azureml/${ingressName} has no running pods; requests of Azure ML end in ClusterServiceNotFound.${cause ? ` The cause is ${cause.object}.` : ""}`
      : `Service azureml/${ingressName} is missing; requests of Azure ML end in ClusterServiceNotFound.`,
    remedy: cause
      ? "Mend what the finding on that object says."
      : `Look at it: \`kubectl get deploy,svc,pods -n azureml | grep ingress\`; if it was scaled down, \`kubectl scale deploy ${ingressName} -n azureml --replicas=1\`, else run \`deploy-extension\` again.`,
    object: `Service azureml/${ingressName}`,
    ...(router.extension.standing === "working" && { pending: true }),
  };
}

/** Not one of the address ranges that are for private networks. Host names are left alone. */
function isPublic(address: string): boolean {
  const [first = 0, second = 0] = address.split(".").map(Number);
  if (!/^\d+\.\d+\.\d+\.\d+$/.test(address)) return false;
  const isPrivate =
    first === 10 ||
    (first === 172 && second >= 16 && second <= 31) ||
    (first === 192 && second === 168) ||
    (first === 100 && second >= 64 && second <= 127);
  return !isPrivate;
}
