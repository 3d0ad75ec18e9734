import type { Incoming, Reply } from "../http.ts";
import { bearerOf, empty, json } from "../http.ts";
import { uuidFrom } from "../ids.ts";
import type { World } from "../world.ts";
import { assertion, type Issuer } from "./assertion.ts";

/** The job of Azure Pipelines whose OIDC tokens the emulator hands out, and the service connection that it may use. */
export interface PipelineJob extends Issuer {
  serviceConnectionId: string;
  /** What the job's `System.AccessToken` holds. */
  accessToken: string;
  /** Path of what `System.OidcRequestUri` holds. */
  oidcPath: string;
}

const ids = (what: string) => uuidFrom(`azure devops ${what}`);

/**
 * Issuer and subject are those of the issuer of Azure DevOps (Microsoft's documentation of workload identity federation
 * for service connections); the path is that of its REST API `oidctoken create`.
 */
export function pipelineJob(accessToken: string): PipelineJob {
  const plan = `hubs/build/plans/${ids("plan")}/jobs/${ids("job")}`;
  return {
    issuer: `https://vstoken.dev.azure.com/${ids("organization")}`,
    subject: "sc://contoso/models/azure",
    serviceConnectionId: ids("service connection"),
    accessToken,
    oidcPath: `/_devops/contoso/${ids("project")}/_apis/distributedtask/${plan}/oidctoken`,
  };
}

/**
 * The endpoint that `System.OidcRequestUri` names: `POST ?api-version=7.1&serviceConnectionId=`, with the job's token
 * (REST API `oidctoken create`; AzurePipelinesCredential of Microsoft's library). How it refuses is a guess.
 */
export function azureDevOpsOidc(world: World, request: Incoming): Reply {
  const { pipelineJob } = world;
  const { searchParams } = request.url;
  if (request.path !== pipelineJob.oidcPath) return json(404, { message: "The job does not exist." });
  if (request.method !== "POST") return empty(405);
  if (bearerOf(request) !== pipelineJob.accessToken) {
    return json(401, { message: "The job's access token is missing or wrong." });
  }
  if (!searchParams.get("api-version")?.startsWith("7.1")) {
    return json(400, { message: "The api-version is missing or not supported." });
  }
  const connection = searchParams.get("serviceConnectionId");
  if (connection !== pipelineJob.serviceConnectionId) {
    return json(404, { message: `No service connection found with identifier ${connection}.` });
  }
  return json(200, { oidcToken: assertion(world, pipelineJob, "api://AzureADTokenExchange") });
}
