import type { Incoming, Reply } from "./http.ts";
import { json } from "./http.ts";
import type { JsonObject } from "./json.ts";

/**
 * `GET /metadata/endpoints`: how a cloud tells where its parts are (design 4). 2022-09-01 answers with one object,
 * earlier versions with a list; 2015-01-01 is Azure Stack's first form. Nobody needs a token for it.
 */
export function cloudMetadata(origin: string, request: Incoming): Reply {
  const version = request.url.searchParams.get("api-version");
  if (request.method !== "GET" || request.path !== "/metadata/endpoints") {
    return json(404, { error: { code: "EmulatorUnknownRoute", message: `No route for ${request.path}.` } });
  }
  if (version === "2022-09-01") return json(200, cloud(origin));
  if (version === "2019-05-01" || version === "2020-06-01") return json(200, [cloud(origin)]);
  if (version === "2015-01-01") return json(200, azureStack(origin));
  const message = `The api-version '${version ?? ""}' is invalid.`;
  return json(400, { error: { code: "InvalidApiVersionParameter", message } });
}

function authentication(origin: string): JsonObject {
  return {
    loginEndpoint: origin,
    audiences: [`${origin}/`, origin],
    tenant: "common",
    identityProvider: "AAD",
  };
}

function cloud(origin: string): JsonObject {
  return {
    name: "AzureEmulator",
    portal: `${origin}/_portal`,
    authentication: authentication(origin),
    resourceManager: origin,
    graph: `${origin}/_graph`,
    graphAudience: `${origin}/_graph`,
    microsoftGraphResourceId: `${origin}/_graph`,
    gallery: `${origin}/_gallery`,
    batch: `${origin}/_batch`,
    media: `${origin}/_media`,
    sqlManagement: `${origin}/_sql`,
    vmImageAliasDoc: `${origin}/_images`,
    activeDirectoryDataLake: `${origin}/_datalake`,
    suffixes: {
      acrLoginServer: "azurecr.emulator.test",
      keyVaultDns: "vault.emulator.test",
      sqlServerHostname: "database.emulator.test",
      storage: "core.emulator.test",
    },
  };
}

function azureStack(origin: string): JsonObject {
  return {
    galleryEndpoint: `${origin}/_gallery`,
    graphEndpoint: `${origin}/_graph`,
    portalEndpoint: `${origin}/_portal`,
    authentication: authentication(origin),
  };
}
