import { beforeAll, describe, expect, test } from "@jest/globals";
import type { ClusterContents, TlsSecret } from "../../../src/model/cluster-contents.ts";
import { grow, growChain } from "../../model/certificate-zoo.ts";
import { absent, denied, there } from "../facts.ts";
import { anyKind, brief, broken, facts, ill, judged, minute, now, reportOf } from "./facts.ts";

const day = 24 * 60 * minute;
const set = {
  allowInsecureConnections: "False",
  sslSecret: "tls",
  "scoringFe.sslSecret": "tls",
  sslCname: "ml.example.com",
};
let good: string;
let chain: Awaited<ReturnType<typeof growChain>>;

beforeAll(async () => {
  chain = await growChain();
  good = chain.leaf.certificate + chain.intermediate.certificate;
});

const grown = async (options: Parameters<typeof grow>[0]) =>
  (await grow({ ...options, by: chain.intermediate })).certificate + chain.intermediate.certificate;
const withSecret = (secret: TlsSecret, more: Partial<ClusterContents> = {}) =>
  judged(facts(anyKind, { set, inCluster: { tlsSecret: there(secret), ...more } }));
const secret = (certificate: string, key: TlsSecret["key"] = "matches"): TlsSecret => ({ certificate, key });

describe("extension 8: the secret that `sslSecret` names", () => {
  test("is fine", () => {
    const { findings, verdict } = withSecret(secret(good));
    expect(brief(findings)).toEqual([]);
    expect(verdict).toBe("pass");
  });

  test("is missing: told before what follows from it", () => {
    const pods = broken(
      "azureml-fe-v2",
      [ill("azureml-fe-v2", { waiting: { reason: "ContainerCreating", message: "" } })],
      { ready: 0 },
    );
    const { findings } = judged(facts(anyKind, { set, inCluster: { tlsSecret: absent, ...pods } }));
    expect(findings[0]?.id).toBe("tls-secret");
    expect(findings[0]?.object).toBe("Secret azureml/tls");
    expect(findings[0]?.remedy).toContain(
      "kubectl create secret generic tls -n azureml --from-file=cert.pem --from-file=key.pem",
    );
  });

  test.each([
    ["no certificate", () => secret(" "), /no key `cert\.pem`/],
    ["no key", () => secret(good, "missing"), /no key `key\.pem`/],
    ["another's key", () => secret(good, "differs"), /not the key of the certificate/],
    ["junk", () => secret("-----BEGIN NONSENSE"), /./],
  ])("has %s", (_title, make, seen) => {
    const { findings, verdict } = withSecret(make());
    expect(verdict).toBe("fail");
    expect(findings[0]?.id).toBe("tls-secret");
    expect(findings[0]?.seen).toMatch(seen);
  });

  test("has expired, expires soon, or is for another name", async () => {
    const expired = withSecret(secret(await grown({ to: now - day })));
    expect(expired.verdict).toBe("fail");
    expect(expired.findings[0]?.seen).toMatch(/^Secret azureml\/tls: .*expired on 2030-05-31/);
    const soon = withSecret(secret(await grown({ to: now + 20 * day })));
    expect(soon.verdict).toBe("warn");
    expect(soon.findings[0]?.seen).toMatch(/in 20 days/);
    const other = withSecret(secret(await grown({ names: ["other.example.com"] })));
    expect(other.verdict).toBe("fail");
    expect(other.findings[0]?.seen).toMatch(/not for "ml\.example\.com"/);
  });

  test("is self-signed: worth a word and no warning, since it works", async () => {
    const { certificate } = await grow({});
    const { findings, verdict } = withSecret(secret(certificate));
    expect(brief(findings)).toEqual(["info tls-secret"]);
    expect(verdict).toBe("pass");
  });

  test("explains E40007, which is then no second error", async () => {
    const healthReport = reportOf("reports-test", "E40007", "Invalid ssl setting");
    const { findings } = withSecret(secret(await grown({ to: now - day })), { healthReport });
    expect(brief(findings)).toEqual(["error tls-secret", "info health-report"]);
  });
});

describe("extension 8: what the endpoint really serves", () => {
  const served = (certificate: string) => there({ address: "20.50.1.10:443", certificate });
  const judge = (certificate: string, more: object = {}) =>
    judged(facts(anyKind, { set, served: served(certificate), ...more }));

  test("the leaf of the secret is fine", () => {
    const inCluster = { tlsSecret: there(secret(good)) };
    expect(brief(judge(chain.leaf.certificate, { inCluster }).findings)).toEqual([]);
  });

  test("another one than the secret's: the router was not told of the new one", async () => {
    const { certificate } = await grow({ by: chain.intermediate });
    const { findings, verdict } = judge(certificate, { inCluster: { tlsSecret: there(secret(good)) } });
    expect(verdict).toBe("fail");
    expect(findings[0]?.id).toBe("tls-served");
    expect(findings[0]?.seen).toMatch(
      /serves another certificate than Secret azureml\/tls holds \(for ml\.example\.com/,
    );
    expect(findings[0]?.remedy).toContain("kubectl rollout restart deploy -n azureml azureml-fe-v2");
  });

  test("without a secret to compare with, expiry and name are judged", async () => {
    const expired = await grow({ to: now - day, by: chain.intermediate });
    expect(judge(expired.certificate).findings[0]?.seen).toMatch(/^20\.50\.1\.10:443 serves: .*expired/);
    const other = await grow({ names: ["other.example.com"], by: chain.intermediate });
    expect(judge(other.certificate).verdict).toBe("fail");
    expect(brief(judge(chain.leaf.certificate).findings)).toEqual([]);
  });

  test("what can't be looked at is no failure", () => {
    expect(brief(judged(facts(anyKind, { set, served: absent })).findings)).toEqual([]);
    const { checks, verdict } = judged(facts(anyKind, { set, served: denied }));
    expect(verdict).toBe("warn");
    expect(checks.find(({ id }) => id === "tls-served")?.result).toBe("unknown");
  });
});

describe("X4: HTTP on a public load balancer", () => {
  const of = (given: Record<string, string>, generation: "today" | "2021" = "today") =>
    brief(judged(facts({ cluster: "aks", generation }, { set: given })).findings);

  test("is warned of in both generations", () => {
    expect(of({ internalLoadBalancerProvider: "" })).toEqual(["warning router-public-http"]);
    expect(of({ privateEndpointILB: "false" }, "2021")).toEqual(["warning router-public-http"]);
  });

  test("is none with a certificate, an internal load balancer, or no load balancer", () => {
    expect(of({})).toEqual([]);
    expect(of({ internalLoadBalancerProvider: "", sslCname: "ml.example.com" })).toEqual([]);
    expect(of({ privateEndpointILB: "false", privateEndpointNodeport: "true" }, "2021")).not.toContain(
      "warning router-public-http",
    );
  });
});
