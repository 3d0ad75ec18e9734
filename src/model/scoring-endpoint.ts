import { aksProperties } from "./aks-compute.ts";
import type { Compute } from "./compute.ts";

/** Where the web services of a legacy AKS compute are asked (T3, B3). What Azure does not show is absent. */
export interface ScoringEndpoint {
  /** The address of its load balancer, private behind an internal one. */
  readonly ip?: string | undefined;
  /** The name that its certificate is for: the CNAME that was given, or the one that Microsoft generated (T1). */
  readonly host?: string | undefined;
}

/** The endpoint as Azure shows it. The field of the address is called public whatever it is (arm-contract 1.5). */
export function scoringEndpoint(compute: Compute): ScoringEndpoint {
  const { systemServices, sslConfiguration } = aksProperties(compute);
  const services = (systemServices ?? []).filter(({ publicIpAddress }) => publicIpAddress);
  const scoring = services.find(({ systemServiceType = "" }) => /scor/i.test(systemServiceType));
  return {
    ip: (scoring ?? services[0])?.publicIpAddress ?? undefined,
    host: sslConfiguration?.cname ?? undefined,
  };
}

/** Whether an address is reached from within its network alone (RFC 1918, RFC 6598). */
export function isPrivateAddress(ip: string): boolean {
  const [first = 0, second = 0] = ip.split(".").map(Number);
  return (
    first === 10 ||
    (first === 172 && second >= 16 && second <= 31) ||
    (first === 192 && second === 168) ||
    (first === 100 && second >= 64 && second <= 127)
  );
}

/** What a look-up of a name brought: its IPv4 addresses, that it has none, or that nobody could be asked. */
export type Resolution =
  | { readonly is: "addresses"; readonly addresses: readonly string[] }
  | { readonly is: "no-such-name" }
  | { readonly is: "unknown" };
