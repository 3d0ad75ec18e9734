import type { Attachment } from "./compute.ts";
import type { ResourceId } from "./resource-id.ts";

/** What every action is asked, parsed and read-only. */
export interface CommonRequest {
  readonly clientId?: string | undefined;
  readonly tenantId?: string | undefined;
  readonly azureEnvironment: string;
  readonly workspace: ResourceId;
  readonly computeName: string;
  /** Stop after the plan. */
  readonly dryRun: boolean;
  readonly preflight: "enforce" | "warn" | "off";
  /** Milliseconds for the whole run. */
  readonly timeout: number;
  /** `false`: return once Azure accepted. */
  readonly wait: boolean;
}

/** What `attach` is asked. */
export interface AttachRequest extends CommonRequest {
  readonly attachment: Attachment;
}

/** What `detach` is asked. */
export interface DetachRequest extends CommonRequest {
  /** Also detach a compute that the workspace created itself. */
  readonly allowCreated: boolean;
}
