import type { HttpClient, Pipeline } from "@azure/core-rest-pipeline";
import * as v from "valibot";
import { isSafe } from "../model/endpoint.ts";
import { Failure } from "../model/failure.ts";
import { Arm } from "./arm.ts";

/** An Azure cloud: where its Resource Manager is and who gives tokens for it. */
export interface Cloud {
  readonly name: string;
  /** Resource Manager, without a slash at the end. */
  readonly resourceManager: string;
  /** Microsoft Entra ID, without a slash at the end. */
  readonly authority: string;
  /** Scope of a token for Resource Manager. A token for another cloud's audience is refused there (toolchain 8.1). */
  readonly scope: string;
  /** Audience that the federated credential of an application expects in the job's OIDC token. */
  readonly federationAudience: string;
  /** `true` where the authority is not one that Microsoft's library knows by itself. */
  readonly custom: boolean;
}

function known(name: string, resourceManager: string, authority: string, federationAudience: string): Cloud {
  const scope = `${resourceManager}/.default`;
  return { name, resourceManager, authority, scope, federationAudience, custom: false };
}

/** The clouds that have a name, as the Azure CLI spells them. */
export const clouds: Readonly<Record<string, Cloud>> = {
  AzureCloud: known(
    "AzureCloud",
    "https://management.azure.com",
    "https://login.microsoftonline.com",
    "api://AzureADTokenExchange",
  ),
  AzureUSGovernment: known(
    "AzureUSGovernment",
    "https://management.usgovcloudapi.net",
    "https://login.microsoftonline.us",
    "api://AzureADTokenExchangeUSGov",
  ),
  AzureChinaCloud: known(
    "AzureChinaCloud",
    "https://management.chinacloudapi.cn",
    "https://login.chinacloudapi.cn",
    "api://AzureADTokenExchangeChina",
  ),
};

const endpoint = v.object({
  name: v.optional(v.string()),
  resourceManager: v.optional(v.string()),
  authentication: v.object({
    loginEndpoint: v.pipe(
      v.string(),
      v.check((url) => URL.canParse(url) && isSafe(new URL(url))),
    ),
    audiences: v.pipe(v.array(v.string()), v.minLength(1)),
  }),
});

/**
 * The cloud that `azure-environment` names: one of `clouds`, or what the Resource Manager at that URL says of
 * itself (Azure Stack, air-gapped clouds, the emulator). Throws a `Failure` when its metadata is not usable.
 */
export async function resolveCloud(
  environment: string,
  pipeline: Pipeline,
  client: HttpClient,
  signal: AbortSignal,
): Promise<Cloud> {
  return clouds[environment] ?? askCloud(environment, pipeline, client, signal);
}

/** What the Resource Manager at that URL says of itself; needs no sign-in. @throws Failure `NoCloudMetadata`. */
async function askCloud(
  environment: string,
  pipeline: Pipeline,
  client: HttpClient,
  signal: AbortSignal,
): Promise<Cloud> {
  const resourceManager = new URL(environment).origin;
  const call = { method: "GET", path: "/metadata/endpoints", apiVersion: "2022-09-01" } as const;
  const answer = await new Arm(resourceManager, pipeline, client, signal).send(call).catch((error) => {
    throw error instanceof Failure && !signal.aborted ? noMetadata(resourceManager, error) : error;
  });
  const found = v.safeParse(v.union([endpoint, v.array(endpoint)]), answer.body);
  const described = found.success ? [found.output].flat() : [];
  // Of several clouds that it lists, another's authority would be shown the credentials.
  const own = described.find(
    (one) => !one.resourceManager || sameOrigin(one.resourceManager, resourceManager),
  );
  if (!own) throw noMetadata(resourceManager);
  return {
    name: own.name ?? new URL(resourceManager).host,
    resourceManager,
    authority: own.authentication.loginEndpoint.replace(/\/+$/, ""),
    scope: `${own.authentication.audiences[0]?.replace(/\/+$/, "")}/.default`,
    federationAudience: "api://AzureADTokenExchange",
    custom: true,
  };
}

function sameOrigin(one: string, other: string): boolean {
  return URL.canParse(one) && new URL(one).origin === new URL(other).origin;
}

function noMetadata(resourceManager: string, cause?: Failure): Failure {
  return new Failure("NoCloudMetadata", `${resourceManager} does not say where to sign in.`, {
    cause,
    details: cause ? [cause.message] : [],
    remedy:
      "Give `azure-environment` the URL of an Azure Resource Manager, whose /metadata/endpoints tells where to sign in.",
  });
}
