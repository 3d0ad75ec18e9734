import { there } from "../facts.ts";
import { arcToday, type Broken, inCluster } from "./broken-parts.ts";
import { anyKind, broken, event, facts, router, workloadsOf } from "./facts.ts";

/** Clusters whose workloads or router are not whole (extension 5, 7). */
export const brokenRouters: readonly Broken[] = [
  // Workloads and router.
  {
    title: "K3: a workload that somebody deleted",
    facts: inCluster({
      workloads: there(workloadsOf(anyKind).filter(({ name }) => name !== "gateway")),
    }),
    id: "workloads-present",
    seen: /Deployment gateway of namespace azureml is missing/,
    remedy: /deploy-extension/,
  },
  {
    title: "a workload that is scaled to zero",
    facts: inCluster(broken("aml-operator", [], { wanted: 0, ready: 0 })),
    id: "workloads-ready",
    seen: /aml-operator is scaled to zero/,
    remedy: /kubectl scale deployment aml-operator/,
  },
  {
    title: "a router without its service",
    facts: inCluster({ services: there([]) }),
    id: "router-service",
    seen: /Service azureml\/azureml-fe is missing/,
    remedy: /deploy-extension/,
  },
  {
    title: "a router service of another type",
    facts: inCluster(
      { services: there([router({ type: "ClusterIP", addresses: [] })]) },
      { "nginxIngress.enabled": "false" },
    ),
    id: "router-service",
    seen: /of type ClusterIP; the settings ask for LoadBalancer/,
    remedy: /kubectl patch svc azureml-fe .*"type":"LoadBalancer"/,
  },
  {
    title: "a load balancer without an address: the quota",
    facts: inCluster(
      {
        services: there([router({ addresses: [] })]),
        events: there([
          event(
            "Service",
            "azureml-fe",
            "SyncLoadBalancerFailed",
            "Error syncing load balancer: PublicIPCountLimitReached: Cannot create more than 10 public IP addresses",
          ),
        ]),
      },
      { "nginxIngress.enabled": "false" },
    ),
    id: "router-address",
    seen: /no address yet.*PublicIPCountLimitReached/,
    remedy: /higher quota/,
  },
  {
    title: "a load balancer without an address: no right to the subnet",
    facts: inCluster(
      {
        services: there([router({ addresses: [] })]),
        events: there([
          event(
            "Service",
            "azureml-fe",
            "SyncLoadBalancerFailed",
            "Code=\"AuthorizationFailed\" Message=\"The client does not have authorization to perform action 'Microsoft.Network/virtualNetworks/subnets/read' over scope '/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/v/subnets/s1'",
          ),
        ]),
      },
      { "nginxIngress.enabled": "false" },
    ),
    id: "router-address",
    seen: /AuthorizationFailed/,
    remedy: /`Network Contributor` on \/subscriptions\/s\/.*subnets\/s1/,
  },
  {
    title: "a load balancer without an address: none in the cluster",
    facts: facts(arcToday, { inCluster: { services: there([router({ addresses: [] })]) } }),
    id: "router-address",
    seen: /no address yet/,
    remedy: /MetalLB.*inferenceRouterServiceType=NodePort/,
  },
  {
    title: "X4: a router that should be internal and is not",
    facts: inCluster(
      { services: there([router({ addresses: ["20.50.1.10"] })]) },
      { "nginxIngress.enabled": "false" },
    ),
    id: "router-internal",
    seen: /public address 20\.50\.1\.10/,
    remedy: /kubectl annotate svc azureml-fe .*azure-load-balancer-internal=true/,
  },
  {
    title: "ClusterServiceNotFound: an ingress that was scaled away",
    facts: inCluster(broken("azureml-ingress-nginx-controller", [], { wanted: 1, ready: 1 })),
    id: "router-ingress",
    seen: /no running pods.*ClusterServiceNotFound/,
    remedy: /kubectl scale deploy azureml-ingress-nginx-controller/,
  },
];
