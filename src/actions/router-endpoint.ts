import { extensionNamespace } from "../model/cluster-contents.ts";
import { effectiveSettings } from "../model/effective-settings.ts";
import { valueIn } from "../model/extension-settings.ts";
import type { VerifyFacts } from "../model/facts.ts";
import { present } from "../model/observed.ts";
import { azureMlExtension } from "../rules/extension.ts";

/** Where a TLS handshake with the router is made, and for which name. */
export interface RouterEndpoint {
  readonly host: string;
  readonly port: number;
  readonly name: string;
}

/** The router's own address, where it serves HTTPS through a load balancer; a name may not point there yet (T3). */
export function routerEndpoint({ cluster, extensions, inside }: VerifyFacts): RouterEndpoint | undefined {
  const plain = azureMlExtension(present(extensions) ?? [])?.properties.configurationSettings;
  const services = present(inside)?.services;
  if (!plain || services?.is !== "present" || effectiveSettings(plain, cluster.kind).scheme === "http")
    return undefined;
  const router = services.value.find(
    ({ name, namespace }) => name === "azureml-fe" && namespace === extensionNamespace,
  );
  const host = router?.addresses[0];
  const https = router?.ports.find(({ name, port }) => port === 443 || /https/i.test(name));
  const name = valueIn(plain, "sslCname");
  return host && https && name ? { host, port: https.port, name } : undefined;
}
