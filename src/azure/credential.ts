import type { AccessToken } from "@azure/core-auth";
import {
  AzureCliCredential,
  AzurePipelinesCredential,
  ClientAssertionCredential,
  ClientCertificateCredential,
  ClientSecretCredential,
  CredentialUnavailableError,
  DeviceCodeCredential,
  ManagedIdentityCredential,
  type TokenCredentialOptions,
} from "@azure/identity";
import { oneLine } from "../model/arm-error.ts";
import { formatDuration } from "../model/duration.ts";
import { Failure } from "../model/failure.ts";
import type { Cloud } from "./cloud.ts";
import { attemptPolicies, type Transport } from "./pipeline.ts";
import { memoise, type TokenSource } from "./token.ts";

/** What a run knows about who it is. */
export interface SignIn {
  readonly clientId?: string | undefined;
  readonly tenantId?: string | undefined;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** A new OIDC token of the job for that audience. */
  readonly idToken: (audience: string) => Promise<string>;
  /** Told of every token, so that it reaches no log. */
  readonly mask: (secret: string) => void;
  /**
   * There where a person asked to sign in with a device code, and is told where to enter it. No input of an action asks
   * for it: a job has nobody who could.
   */
  readonly deviceCode?: ((message: string) => void) | undefined;
  /** Told once, of the way that works. */
  readonly signedIn?: ((way: string) => void) | undefined;
}

/** Tokens for a scope, from the one way to sign in that works. */
export type Tokens = (scope: string) => TokenSource;

/** One way to sign in. */
interface Rung {
  readonly name: string;
  /** Makes a new credential, whose cache is empty; a managed identity's is Microsoft's own, for the whole process. */
  readonly credential: () => { getToken(scope: string): Promise<AccessToken | null> };
  /** `true` where it was asked for, so that its failure is the run's and no other way is tried. */
  readonly asked: boolean;
  /** Milliseconds after which it counts as not there; without it the run's own limit holds. */
  readonly patience?: number;
}

/** Off Azure, the address of the managed identity service answers nobody. */
const managedIdentityPatience = 20_000;

/**
 * The ladder of `design.md` 4: the job's OIDC token where `client-id` and `tenant-id` are given; else the
 * environment, an `azure/login` session, a managed identity: the first that works, named in the log. A way that
 * is configured and fails is an error; the next is tried only where one is not there at all.
 *
 * @throws Failure `SignInFailed` or the AADSTS code, from a source's `token()`.
 */
export function signIn(who: SignIn, cloud: Cloud, transport: Transport): Tokens {
  const ways = ladder(who, cloud, transport);
  let chosen: Rung | undefined;

  async function climb(scope: string) {
    const missing: string[] = [];
    for (const way of chosen ? [chosen] : ways) {
      try {
        const token = await patiently(way.credential().getToken(scope), way.patience);
        if (!token) throw new CredentialUnavailableError("it gave no token");
        who.mask(token.token);
        if (!chosen) {
          transport.log(`Signed in to ${cloud.name} with ${way.name}.`);
          who.signedIn?.(way.name);
        }
        chosen = way;
        return token;
      } catch (error) {
        if (way.asked || !(error instanceof CredentialUnavailableError)) throw refused(way, error);
        missing.push(`${way.name}: ${oneLine(error.message)}`);
      }
    }
    throw new Failure("SignInFailed", "There is no way to sign in to Azure.", {
      details: missing,
      remedy:
        "Give `client-id` and `tenant-id` (with `permissions: id-token: write`), or run azure/login before this step; in Azure Pipelines give `azureSubscription`; in a terminal run `az login`, or give `--use-device-code`.",
    });
  }
  const sources = new Map<string, TokenSource>();
  return (scope) => {
    const source = sources.get(scope) ?? memoise(() => climb(scope));
    sources.set(scope, source);
    return source;
  };
}

function ladder(who: SignIn, cloud: Cloud, transport: Transport): Rung[] {
  const options: TokenCredentialOptions & { disableInstanceDiscovery: boolean } = {
    authorityHost: cloud.authority,
    disableInstanceDiscovery: cloud.custom,
    httpClient: transport.client,
    retryOptions: { maxRetries: 0 },
    additionalPolicies: attemptPolicies({ ...transport, repeatable: true }).map((policy) => ({
      policy,
      position: "perCall",
    })),
  };
  const { clientId, tenantId, environment } = who;
  if (who.deviceCode) return [fromDeviceCode(who, who.deviceCode, options)];
  if (clientId && tenantId) {
    const credential = () => ({
      // One OIDC token for one exchange: Microsoft's credential would ask twice, and wrap a failure (toolchain 2).
      async getToken(scope: string) {
        const assertion = await who.idToken(cloud.federationAudience);
        const exchange = new ClientAssertionCredential(tenantId, clientId, async () => assertion, options);
        return exchange.getToken(scope);
      },
    });
    return [{ name: "the job's OIDC token", asked: true, credential }];
  }
  return [
    ...fromEnvironment(environment, options),
    {
      name: "the session of az login or azure/login",
      asked: false,
      credential: () => new AzureCliCredential(tenantId ? { tenantId } : {}),
    },
    {
      name: "the managed identity",
      asked: false,
      patience: managedIdentityPatience,
      credential: () => {
        const identity = environment["AZURE_CLIENT_ID"];
        return identity
          ? new ManagedIdentityCredential({ ...options, clientId: identity })
          : new ManagedIdentityCredential(options);
      },
    },
  ];
}

/** One credential for the whole run: nobody should enter a code again for another service, or after an hour. */
function fromDeviceCode(
  { clientId, tenantId }: SignIn,
  tell: (message: string) => void,
  options: TokenCredentialOptions,
): Rung {
  const credential = new DeviceCodeCredential({
    ...options,
    ...(clientId && { clientId }),
    ...(tenantId && { tenantId }),
    userPromptCallback: ({ message }) => tell(message),
  });
  return { name: "a device code", asked: true, credential: () => credential };
}

function fromEnvironment(environment: SignIn["environment"], options: TokenCredentialOptions): Rung[] {
  const client = environment["AZURE_CLIENT_ID"];
  const tenant = environment["AZURE_TENANT_ID"];
  const secret = environment["AZURE_CLIENT_SECRET"];
  const certificatePath = environment["AZURE_CLIENT_CERTIFICATE_PATH"];
  const connection = environment["AZURESUBSCRIPTION_SERVICE_CONNECTION_ID"];
  const jobToken = environment["SYSTEM_ACCESSTOKEN"];
  if (connection && jobToken) return [fromServiceConnection(environment, connection, jobToken, options)];
  if (!client || !tenant) return [];
  if (secret) {
    const credential = () => new ClientSecretCredential(tenant, client, secret, options);
    return [{ name: "the client secret of the environment", asked: true, credential }];
  }
  if (certificatePath) {
    const certificatePassword = environment["AZURE_CLIENT_CERTIFICATE_PASSWORD"];
    const certificate = certificatePassword ? { certificatePath, certificatePassword } : { certificatePath };
    const credential = () => new ClientCertificateCredential(tenant, client, certificate, options);
    return [{ name: "the client certificate of the environment", asked: true, credential }];
  }
  return [];
}

/**
 * A service connection of Azure Pipelines with workload identity federation. The variables are those that Microsoft's
 * own tasks set for what they run; its library finds the address of the job's OIDC endpoint in another.
 */
function fromServiceConnection(
  environment: SignIn["environment"],
  connection: string,
  jobToken: string,
  options: TokenCredentialOptions,
): Rung {
  const tenant = environment["AZURESUBSCRIPTION_TENANT_ID"] ?? "";
  const client = environment["AZURESUBSCRIPTION_CLIENT_ID"] ?? "";
  const credential = () => new AzurePipelinesCredential(tenant, client, connection, jobToken, options);
  return { name: "the service connection", asked: true, credential };
}

/** The work's result, or that the way is not there when it takes too long. */
async function patiently<T>(work: Promise<T>, patience?: number): Promise<T> {
  if (patience === undefined) return work;
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<never>((_, reject) => {
    const message = `no answer within ${formatDuration(patience)}`;
    timer = setTimeout(() => reject(new CredentialUnavailableError(message)), patience);
  });
  return Promise.race([work, over]).finally(() => clearTimeout(timer));
}

/** What the error codes of Microsoft Entra that people meet here mean for them. */
const remedies: Readonly<Record<string, string>> = {
  endpoints_resolution_error: "`tenant-id` is no tenant of this cloud: check it, and `azure-environment`.",
  AADSTS700016: "`client-id` is no application of the tenant `tenant-id`: check both.",
  AADSTS90002: "`tenant-id` is no tenant of this cloud: check it, and `azure-environment`.",
  AADSTS700213:
    "The application has no federated credential for this job: add one whose subject is the job's repository and branch, tag or environment; for Azure Pipelines, with the issuer and subject that the service connection shows.",
  AADSTS70021:
    "The application has no federated credential for this job: add one whose subject is the job's repository and branch, tag or environment; for Azure Pipelines, with the issuer and subject that the service connection shows.",
  AADSTS700024: "The job's OIDC token was too old or its clock is off: run the job again.",
  AADSTS7000215:
    "The client secret (AZURE_CLIENT_SECRET, or that of the service connection) is wrong: give the secret's value, not its id.",
  AADSTS7000222:
    "The client secret (AZURE_CLIENT_SECRET, or that of the service connection) has expired: make a new one, or sign in with OIDC, which has none.",
};

function refused(way: Rung, error: unknown): Failure {
  if (error instanceof Failure) return error;
  const message = oneLine(error instanceof Error ? error.message : String(error));
  const code = /AADSTS\d+/.exec(message)?.[0];
  const known = Object.keys(remedies).find((key) => message.includes(`${key}:`));
  return new Failure(code ?? "SignInFailed", `Signing in with ${way.name} failed: ${message}`, {
    cause: error,
    remedy: remedies[known ?? ""],
    link: code && `https://login.microsoftonline.com/error?code=${code.slice("AADSTS".length)}`,
  });
}
