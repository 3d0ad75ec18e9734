import type { AksAttachment, OwnCertificate } from "./aks-compute.ts";
import type { Attachment } from "./compute.ts";
import type { WantedExtension } from "./extension-derived.ts";
import type { GivenSettings, SettingNote } from "./extension-settings.ts";
import type { Failure } from "./failure.ts";
import type { ResourceId } from "./resource-id.ts";
import type { UpgradePolicy } from "./update-policy.ts";

/** What every action is asked, parsed and read-only. */
export interface SessionRequest {
  readonly clientId?: string | undefined;
  readonly tenantId?: string | undefined;
  readonly azureEnvironment: string;
  /** Milliseconds for the whole run. */
  readonly timeout: number;
  /**
   * Inputs are wrong, but not those that say where to look and as whom: the run looks, so that what the rules find is
   * told as well, and ends with this failure. It plans nothing and writes nothing.
   */
  readonly wrong?: Failure | undefined;
}

/** What every action is asked that writes. */
export interface CommonRequest extends SessionRequest {
  /** Stop after the plan. */
  readonly dryRun: boolean;
  readonly preflight: "enforce" | "warn" | "off";
  /** `false`: return once Azure accepted. */
  readonly wait: boolean;
}

/** A compute of a workspace, by name. */
export interface NamedCompute {
  readonly workspace: ResourceId;
  readonly computeName: string;
}

/** What an action on one compute is asked. */
export interface ComputeRequest extends CommonRequest, NamedCompute {}

/** What an action on what runs inside one cluster is asked. */
export interface ClusterRequest extends SessionRequest {
  readonly clusterId: string;
  /** Content of a kubeconfig. It is a secret. */
  readonly kubeconfig?: string | undefined;
}

/** What `deploy-extension` is asked. */
export interface DeployRequest extends ClusterRequest, CommonRequest {
  /** Name for a new extension; one that is there already is found by its type, under any name. */
  readonly extensionName: string;
  readonly settings: GivenSettings;
  readonly wanted: WantedExtension;
  /** What is worth saying about settings that are valid, such as legacy names (extension.md 2b). */
  readonly notes: readonly SettingNote[];
  /** Also change what running jobs or endpoints would notice (extension.md 3). */
  readonly allowDisruption: boolean;
  readonly onFailed: "fail" | "recreate";
}

/** How bad a finding must be for the gate to close. */
export type FailOn = "error" | "warning" | "never";

/** What `verify-extension` is asked. */
export interface VerifyRequest extends ClusterRequest {
  /** The compute to judge as well, where one is named. */
  readonly compute?: NamedCompute | undefined;
  readonly failOn: FailOn;
  /** Milliseconds to wait while all that is wrong may pass by itself (K1). */
  readonly waitFor: number;
  /** Collect what helps to find out more, where something is wrong (W1). */
  readonly diagnostics: boolean;
}

/** How `attach` replaces a compute that is there with other settings, or finishes what an interrupted run began. */
export interface ReplaceRequest extends JournalRequest {
  readonly onDifference: "fail" | "replace";
  /** Content of a kubeconfig. It is a secret. */
  readonly kubeconfig?: string | undefined;
}

/** What `attach` is asked. */
export interface AttachRequest extends ComputeRequest {
  readonly attachment: Attachment;
  readonly replacing?: ReplaceRequest | undefined;
}

/** What `attach` is asked with `compute-type: aks`. */
export interface AksAttachRequest extends ComputeRequest {
  readonly attachment: AksAttachment;
  readonly replacing?: ReplaceRequest | undefined;
  /** What is worth saying about inputs that are valid, such as a certificate that ends soon (T4). */
  readonly notes: readonly SettingNote[];
  /** The inputs that are wrong: what they were to say is not known, and no default stands in for it. */
  readonly unknown: readonly string[];
}

/** How a run that detaches and attaches again keeps what it must not lose (`design.md` 6). */
export interface JournalRequest {
  /** `none`: nothing is kept outside this process. */
  readonly journal: "cluster" | "none";
  /** `discard`: throw away what an interrupted run left, and nothing else. */
  readonly resume: "auto" | "discard";
  /** What to do while another run works on the same cluster. */
  readonly ifLocked: "wait" | "fail";
}

/** What every run is asked that may detach a compute and attach it again. */
export interface ReattachRequest extends ComputeRequest, JournalRequest {
  /** Where the compute is not there to tell. */
  readonly clusterId?: string | undefined;
  /** Content of a kubeconfig. It is a secret. */
  readonly kubeconfig?: string | undefined;
}

/** A certificate with its key, PEM, and the name that the endpoint is to have; the present one where none is given. */
export interface GivenTls extends Omit<OwnCertificate, "way" | "cname"> {
  readonly cname?: string | undefined;
}

/** What `update-components` is asked. */
export interface UpdateRequest extends ReattachRequest {
  /** In the place of the certificate that the cluster has (U2). Of a legacy compute. */
  readonly tls?: GivenTls | undefined;
  /** What is worth saying about inputs that are valid. */
  readonly notes: readonly SettingNote[];
  readonly policy: UpgradePolicy;
  /** Look at the result in the cluster as well, once Azure has reported success. */
  readonly verify: boolean;
}

/** What `detach` is asked. */
export interface DetachRequest extends ComputeRequest {
  /** Also detach a compute that the workspace created itself. */
  readonly allowCreated: boolean;
}
