import { randomBytes } from "node:crypto";
import type { PemPair } from "../certificates.ts";
import type { JsonObject } from "../json.ts";
import { ObjectStore } from "./objects.ts";
import { RESOURCE_TYPES, type ResourceType, typeOfKind } from "./resource-types.ts";

/** Who asks: found out by sign-in. */
export interface User {
  name: string;
  groups: readonly string[];
}

/** What a cluster's access control refuses. A `*` stands for every verb or resource. */
export interface Denial {
  verb: string;
  /** Plural, as `pods` or `pods/log`. */
  resource: string;
  /** Undefined: in every namespace and in the whole cluster. */
  namespace?: string;
}

/** What a test may vary in one cluster. */
export interface ClusterKnobs {
  /** Fills namespace `azureml` with so many pods, failing ones or healthy ones. */
  podCount: number;
  podsFail: boolean;
  /** fluent-bit runs as a daemon set (extension 5a) or as a sidecar of nobody's concern (extension 14). */
  fluentBit: "daemonset" | "sidecar";
  /**
   * The extension brings a ClusterRole `azureml-fe-role` of its own. Guess: E45004 speaks of one "that doesn't belong to
   * the extension" (extension 6), as if it could.
   */
  ownsRouterRole: boolean;
  /** How OpenShift's grants were made: in the constraint itself, or by role bindings, as `oc adm policy` makes them today. */
  grantedBy: "constraint" | "rolebinding";
  /** Continue tokens are too old: 410 `Expired`, as etcd's compaction makes them. */
  expireContinue: "never" | "once" | "always";
  /** Logs of pods repeat secrets: a planted leak. */
  leakyLogs: boolean;
}

/** One cluster as its API server knows it. */
export class KubernetesCluster {
  readonly id: string;
  /** Its place in the path where all clusters share one listener. */
  readonly number: number;
  readonly objects = new ObjectStore();
  readonly denials: Denial[] = [];
  readonly knobs: ClusterKnobs = {
    podCount: 0,
    podsFail: false,
    fluentBit: "daemonset",
    ownsRouterRole: false,
    grantedBy: "constraint",
    expireContinue: "never",
    leakyLogs: false,
  };
  /** The bearer token of the local account. */
  readonly token = randomBytes(64).toString("hex");
  /** The client certificate of the local account; made before it is needed. */
  certificate: PemPair | undefined;
  /** What the objects were last derived from, so that nothing is derived twice. */
  followed = "";
  /** What the pods of the extension say besides the usual, by `namespace/name`. */
  logs: ReadonlyMap<string, readonly string[]> = new Map();
  /** The rest of a list by the continue token that leads to it. */
  readonly continued = new Map<string, Continued>();
  /** What Azure ran here, by id. */
  readonly commands = new Map<string, CommandRun>();

  constructor(id: string, number: number) {
    this.id = id;
    this.number = number;
  }

  /** What it serves: custom resources while their definition is there. */
  types(): ResourceType[] {
    const defined = (name: string) => this.get("CustomResourceDefinition", "", name) !== undefined;
    return RESOURCE_TYPES.filter(({ custom, plural, group }) => !custom || defined(`${plural}.${group}`));
  }

  /** Puts an object into the cluster, as if somebody had applied it. */
  put(object: JsonObject & { kind: string }): JsonObject {
    const type = typeOfKind(object.kind);
    const { creationTimestamp, ...given } = (object["metadata"] ?? {}) as JsonObject;
    const created = creationTimestamp ?? new Date().toISOString().replace(/\.\d+Z/, "Z");
    return this.objects.write(type, { ...object, metadata: { ...given, creationTimestamp: created } });
  }

  /** Takes an object out of the cluster. */
  remove(kind: string, namespace: string, name: string): void {
    this.objects.delete(typeOfKind(kind), namespace, name);
  }

  /** An object as it stands; for tests. */
  get(kind: string, namespace: string, name: string): JsonObject | undefined {
    return this.objects.get(typeOfKind(kind), namespace, name);
  }

  /** All objects of a kind as they stand; for tests. */
  all(kind: string, namespace?: string): JsonObject[] {
    return this.objects.list(typeOfKind(kind), namespace);
  }
}

/** One run-command and what it came to. */
export interface CommandRun {
  id: string;
  exitCode: number;
  logs: string;
  startedAt: number;
  finishedAt: number;
}

/** What is left of a list that is read in pages. */
export interface Continued {
  /** Which list it belongs to. */
  list: string;
  items: JsonObject[];
  version: number;
}
