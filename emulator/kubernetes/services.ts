import { uuidFrom } from "../ids.ts";
import type { JsonObject } from "../json.ts";
import { choicesOf, EXTENSION_NAMESPACE, isToday } from "./components.ts";
import type { ClusterFacts, InstalledExtension } from "./facts.ts";
import { zulu } from "./plan.ts";
import { tlsOf } from "./tls.ts";
import { helmAnnotations } from "./workloads.ts";

/** Where scoring requests get in. */
export interface RouterAddress {
  /** Empty: an address of the load balancer's own choice. */
  address: string;
  http: number;
  https: number;
}

/** The router's service type, in the words of either generation (extension 2b). */
function routerType(extension: InstalledExtension): { type: string; internal: boolean } {
  const { settings } = extension;
  const internal =
    settings.text("internalLoadBalancerProvider") !== undefined || settings.on("privateEndpointILB");
  if (settings.on("privateEndpointNodeport")) return { type: "NodePort", internal: false };
  const asked = (settings.text("inferenceRouterServiceType") ?? "LoadBalancer").toLowerCase();
  const type = ["NodePort", "ClusterIP"].find((one) => one.toLowerCase() === asked) ?? "LoadBalancer";
  return { type, internal: internal && type === "LoadBalancer" };
}

export function servicesOf(
  facts: ClusterFacts,
  extension: InstalledExtension,
  router: RouterAddress,
): JsonObject[] {
  const choices = choicesOf(facts, extension);
  const ingress = isToday(extension.version) && choices.inference && choices.ingress;
  const plain = (name: string, app: string, ports: Port[]) => service(facts, extension, { name, app, ports });
  return [
    plain("gateway", "gateway", [{ name: "http", port: 80 }]),
    plain("metrics-controller-manager", "metrics-controller-manager", [{ name: "https", port: 8443 }]),
    plain("prometheus-operated", "prometheus-prom-prometheus", [{ name: "web", port: 9090 }]),
    ...(choices.relay || !isToday(extension.version)
      ? [plain("relayserver", "relayserver", [{ name: "http", port: 80 }])]
      : []),
    ...(choices.inference ? [routerService(facts, extension, router)] : []),
    ...(ingress
      ? ["azureml-ingress-nginx-controller", "azureml-ingress-nginx-controller-admission"].map((name) =>
          plain(name, "azureml-ingress-nginx-controller", [{ name: "https", port: 443 }]),
        )
      : []),
  ];
}

interface Port {
  name: string;
  port: number;
  nodePort?: number;
}

interface PlannedService {
  name: string;
  app: string;
  ports: Port[];
  type?: string;
  annotations?: Record<string, string>;
  address?: string;
}

/** Service `azureml-fe`; its external address is what DNS must point at (extension 5a). */
function routerService(
  facts: ClusterFacts,
  extension: InstalledExtension,
  router: RouterAddress,
): JsonObject {
  const { type, internal } = routerType(extension);
  const tls = tlsOf(facts) !== undefined;
  const ports: Port[] = tls ? [{ name: "https", port: router.https }] : [{ name: "http", port: router.http }];
  const listed =
    type === "ClusterIP" ? ports : ports.map((one) => ({ ...one, nodePort: tls ? 31443 : 31080 }));
  const given = router.address || (internal ? "10.224.0.99" : "20.50.1.10");
  return service(facts, extension, {
    name: "azureml-fe",
    app: isToday(extension.version) ? "azureml-fe-v2" : "azureml-fe",
    ports: listed,
    type,
    annotations: internal ? { "service.beta.kubernetes.io/azure-load-balancer-internal": "true" } : {},
    ...(type === "LoadBalancer" && { address: given }),
  });
}

function service(facts: ClusterFacts, extension: InstalledExtension, planned: PlannedService): JsonObject {
  const { name, app, ports, type = "ClusterIP", annotations = {}, address } = planned;
  const number = Number.parseInt(uuidFrom(`${facts.id} service ${name}`).slice(0, 4), 16);
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: {
      name,
      namespace: EXTENSION_NAMESPACE,
      labels: { "app.kubernetes.io/managed-by": "Helm", "app.kubernetes.io/instance": extension.name },
      annotations: { ...helmAnnotations(extension.name, EXTENSION_NAMESPACE), ...annotations },
      creationTimestamp: zulu(extension.createdAt),
    },
    spec: {
      type,
      clusterIP: `10.0.${number % 250}.${(number >> 8) % 250}`,
      selector: { app },
      ports: ports.map((one) => ({ ...one, protocol: "TCP", targetPort: 5001 })),
    },
    status: { loadBalancer: address === undefined ? {} : { ingress: [{ ip: address }] } },
  };
}

/** Who answers for a service: its ready pods. */
export function endpointsOf(services: readonly JsonObject[], pods: readonly JsonObject[]): JsonObject[] {
  return services.map((one) => {
    const { metadata, spec } = one as { metadata: JsonObject; spec: { selector?: { app?: string } } };
    const app = spec.selector?.app;
    const behind = (pods as readonly EndpointPod[]).filter(({ metadata: of }) => of.labels?.app === app);
    const ready = behind.filter(({ status }) =>
      status.conditions?.some(({ type, status: is }) => type === "Ready" && is === "True"),
    );
    const addresses = ready.map(({ metadata: of, status }) => ({
      ip: status.podIP ?? "",
      targetRef: { kind: "Pod", name: of.name },
    }));
    return {
      apiVersion: "v1",
      kind: "Endpoints",
      metadata: { ...metadata, annotations: {} },
      ...(addresses.length > 0 && { subsets: [{ addresses, ports: [{ port: 5001 }] }] }),
    };
  });
}

interface EndpointPod extends JsonObject {
  metadata: { name: string; labels?: { app?: string } };
  status: { podIP?: string; conditions?: { type: string; status: string }[] };
}
