import { isObject, type JsonObject } from "../json.ts";
import type { Knobs } from "../knobs.ts";
import { anything, boolean, map, object, oneOf, problems, readOnly, type Shape, text } from "./shape.ts";

const IPV4 = "(?:(?:25[0-5]|2[0-4][0-9]|[01]?[0-9][0-9]?)\\.){3}(?:25[0-5]|2[0-4][0-9]|[01]?[0-9][0-9]?)";
const CIDR = /^([0-9]{1,3}\.){3}[0-9]{1,3}(\/([0-9]|[1-2][0-9]|3[0-2]))?$/;

/** arm-contract 1.6. Entries of `instanceTypes` are open: Azure takes more there than the file says (`tolerations`). */
const KUBERNETES = object({
  namespace: text,
  defaultInstanceType: text,
  instanceTypes: map(anything),
  extensionPrincipalId: text,
  extensionInstanceReleaseTrain: text,
  vcName: text,
  relayConnectionString: text,
  serviceBusConnectionString: text,
});

/** arm-contract 1.5. */
const AKS = object({
  clusterFqdn: text,
  systemServices: readOnly,
  agentCount: { kind: "integer", minimum: 0 },
  agentVmSize: text,
  clusterPurpose: oneOf("FastProd", "DenseProd", "DevTest"),
  sslConfiguration: object({
    status: oneOf("Disabled", "Enabled", "Auto"),
    cert: text,
    key: text,
    cname: text,
    leafDomainLabel: text,
    overwriteExistingDomain: boolean,
  }),
  aksNetworkingConfiguration: object({
    subnetId: text,
    serviceCidr: { kind: "text", pattern: CIDR },
    dnsServiceIP: { kind: "text", pattern: new RegExp(`^${IPV4}$`) },
    dockerBridgeCidr: { kind: "text", pattern: CIDR },
  }),
  loadBalancerType: oneOf("PublicIp", "InternalLoadBalancer"),
  loadBalancerSubnet: text,
});

const COMPUTE_TYPES: Record<string, Shape> = { AKS, Kubernetes: KUBERNETES };

/** arm-contract 1.4. */
function compute(computeType: string, inner: Shape): Shape {
  return object(
    {
      computeType: oneOf(computeType),
      computeLocation: text,
      description: text,
      resourceId: text,
      disableLocalAuth: boolean,
      provisioningState: readOnly,
      provisioningErrors: readOnly,
      createdOn: readOnly,
      modifiedOn: readOnly,
      isAttachedCompute: readOnly,
      properties: inner,
    },
    ["computeType"],
  );
}

/** arm-contract 1.3. */
function envelope(properties: Shape): Shape {
  return object(
    {
      id: readOnly,
      name: readOnly,
      type: readOnly,
      systemData: readOnly,
      location: text,
      tags: map(text),
      sku: object(
        {
          name: text,
          tier: oneOf("Free", "Basic", "Standard", "Premium"),
          size: text,
          family: text,
          capacity: { kind: "integer" },
        },
        ["name"],
      ),
      identity: object(
        {
          type: oneOf("None", "SystemAssigned", "UserAssigned", "SystemAssigned,UserAssigned"),
          userAssignedIdentities: map(object({ principalId: readOnly, clientId: readOnly })),
          principalId: readOnly,
          tenantId: readOnly,
        },
        ["type"],
      ),
      properties,
    },
    ["properties"],
  );
}

/** Every reason to refuse the body of a compute's PUT. */
export function computeProblems(body: JsonObject): string[] {
  const properties = body["properties"];
  const computeType = isObject(properties) ? properties["computeType"] : undefined;
  if (computeType === undefined) return ["'properties.computeType' is required"];
  const inner = typeof computeType === "string" ? COMPUTE_TYPES[computeType] : undefined;
  if (typeof computeType !== "string" || !inner) {
    return [
      `'properties.computeType' must be one of ${Object.keys(COMPUTE_TYPES).join(", ")} (exact case; others are not emulated)`,
    ];
  }
  return [...problems(envelope(compute(computeType, inner)), body), ...identityProblems(body)];
}

/** Guess: an identity of type UserAssigned that names none is refused, and so is the reverse. */
function identityProblems(body: JsonObject): string[] {
  const identity = body["identity"];
  if (!isObject(identity) || typeof identity["type"] !== "string") return [];
  const named = isObject(identity["userAssignedIdentities"])
    ? Object.keys(identity["userAssignedIdentities"]).length > 0
    : false;
  const wanted = identity["type"].includes("UserAssigned");
  if (wanted === named) return [];
  return [
    wanted
      ? "'identity.userAssignedIdentities' must name an identity when the type is UserAssigned"
      : "'identity.userAssignedIdentities' needs the type UserAssigned",
  ];
}

const PATTERNS = {
  /** arm-contract 1.2, 2026-05-01. */
  "2026": /^[a-zA-Z](?![a-zA-Z0-9-]*-\d+$)[a-zA-Z0-9-]{2,23}$/,
  /** A2: letters, digits and dashes; starts with a letter. */
  loose: /^[a-zA-Z][a-zA-Z0-9-]{2,23}$/,
} as const;

export function isComputeName(name: string, pattern: Knobs["computeNamePattern"]): boolean {
  return PATTERNS[pattern].test(name);
}
