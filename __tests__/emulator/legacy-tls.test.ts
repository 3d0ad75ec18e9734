import { beforeAll, describe, expect, test } from "@jest/globals";
import { makeAuthority, makeCertificate } from "../../emulator/certificates.ts";
import { toJsonLines } from "../../emulator/index.ts";
import {
  aksCompute,
  errorOf,
  failureOf,
  innerOf,
  type LegacyTalk,
  legacyTalk,
  strangeKey,
} from "./legacy-talk.ts";

const own = { status: "Enabled", cert: "", key: "", cname: "www.contoso.com" };
beforeAll(async () => {
  const authority = await makeAuthority("test");
  const pair = await makeCertificate({ names: [own.cname], authority });
  own.cert = pair.certificate;
  own.key = pair.privateKey;
});
const auto = (more: object = {}) => ({ status: "Auto", leafDomainLabel: "contoso", ...more });
const put = (one: LegacyTalk, sslConfiguration?: object, more: object = {}, name = "legacy") =>
  one.settled(name, aksCompute(one.ids.aks, { ...(sslConfiguration && { sslConfiguration }), ...more }));
const refused = async (sslConfiguration: object, more = {}) => {
  const one = legacyTalk();
  const said = await one.putCompute("legacy", aksCompute(one.ids.aks, { sslConfiguration, ...more }));
  return said.status === 400 ? errorOf(said).message : String(said.status);
};
const internal = { loadBalancerType: "InternalLoadBalancer" };

describe("T2: a certificate of one's own", () => {
  test("is shown without certificate and key, in no form", async () => {
    const one = legacyTalk();
    const said = await put(one, own);
    expect(innerOf(said)["sslConfiguration"]).toEqual({ ...own, cert: null, key: null });
    expect(said.text).not.toContain("BEGIN");
    expect(one.world.secrets.has(own.key)).toBe(true);
  });

  test("is kept out of what is recorded for others", async () => {
    const one = legacyTalk();
    await put(one, own);
    const lines = toJsonLines(one.world.exchanges);
    expect(lines).toContain("BEGIN CERTIFICATE");
    expect(lines).not.toContain("PRIVATE KEY");
  });

  test("comes whole or not at all", async () => {
    for (const key of ["cert", "key", "cname"]) {
      expect(await refused({ ...own, [key]: undefined })).toContain("together");
    }
    expect(await refused({ status: "Enabled", leafDomainLabel: "x" })).toContain("status Auto only");
  });

  test("fails late where the key is another's or neither can be read, as the knob has it", async () => {
    const one = legacyTalk();
    expect(failureOf(await put(one, { ...own, key: strangeKey() }))).toContain("does not belong");
    expect(failureOf(await put(one, { ...own, cert: "CERT" }, {}, "second"))).toContain("can not be read");
    one.world.knobs.ownCertificate = "unchecked";
    expect(failureOf(await put(one, { ...own, cert: "CERT" }, {}, "third"))).toBe("is Succeeded");
  });
});

describe("T1: a certificate of Microsoft's", () => {
  const nameOf = (said: Awaited<ReturnType<typeof put>>) =>
    (innerOf(said)["sslConfiguration"] as { cname?: string }).cname;

  test("makes a name of the label, in the cluster's region", async () => {
    const one = legacyTalk();
    const far = one.world.addManagedCluster({ resourceGroup: "rg1", name: "far", location: "westeurope" });
    const said = await one.settled("legacy", aksCompute(far, { sslConfiguration: auto() }));
    expect(nameOf(said)).toMatch(/^contoso\d{6}\.westeurope\.cloudapp\.azure\.com$/);
  });

  test("needs a label and no certificate", async () => {
    expect(await refused({ status: "Auto" })).toContain("leafDomainLabel");
    expect(await refused({ ...own, ...auto() })).toContain("not both");
  });

  test("fails late where another cluster has the label, unless it is to be taken over", async () => {
    const one = legacyTalk();
    await put(one, auto());
    const other = one.world.addManagedCluster({ resourceGroup: "rg1", name: "other" });
    const taken = await one.settled("second", aksCompute(other, { sslConfiguration: auto() }));
    expect(failureOf(taken)).toContain("already in use");
    const over = { sslConfiguration: auto({ overwriteExistingDomain: true }) };
    expect(failureOf(await one.settled("third", aksCompute(other, over)))).toBe("is Succeeded");
  });

  test("stays the cluster's after a detach, with its digits, or becomes free, as the knob has it", async () => {
    const one = legacyTalk();
    const first = nameOf(await put(one, auto()));
    await one.detach("legacy");
    expect(nameOf(await put(one, auto()))).toBe(first);
    one.world.knobs.leafLabelAfterDetach = "freed";
    await one.detach("legacy");
    const other = one.world.addManagedCluster({ resourceGroup: "rg1", name: "other" });
    expect(failureOf(await one.settled("second", aksCompute(other, { sslConfiguration: auto() })))).toBe(
      "is Succeeded",
    );
  });
});

describe("T5: TLS with an internal load balancer", () => {
  test("is refused at once, late, or taken, as the knob has it", async () => {
    expect(await refused(own, internal)).toContain("not supported with an internal load balancer");
    expect(await refused(auto(), internal)).toContain("not supported with an internal load balancer");
    const one = legacyTalk();
    one.world.knobs.tlsWithInternalLoadBalancer = "fail";
    expect(failureOf(await put(one, own, internal))).toContain("not supported");
    one.world.knobs.tlsWithInternalLoadBalancer = "accept";
    expect(failureOf(await put(one, own, internal, "second"))).toBe("is Succeeded");
  });

  test("without TLS there is nothing to refuse", async () => {
    expect(await refused({ status: "Disabled" }, internal)).toBe("201");
  });
});

describe("a PUT of the whole", () => {
  const ssl = (said: Awaited<ReturnType<typeof put>>) => innerOf(said)["sslConfiguration"];

  test("A6: other TLS is reported as success and not applied, unless the knob says so", async () => {
    const one = legacyTalk();
    await put(one, own);
    expect(ssl(await put(one, auto()))).toMatchObject({ status: "Enabled", cname: own.cname });
    expect(ssl(await put(one, { status: "Disabled" }))).toMatchObject({ status: "Enabled" });
    one.world.knobs.legacyTlsUpdate = "apply";
    expect(ssl(await put(one, auto()))).toMatchObject({ status: "Auto" });
    expect(ssl(await put(one, { status: "Disabled" }))).toBeNull();
  });

  test("A6: TLS is not turned on afterwards", async () => {
    const one = legacyTalk();
    await put(one);
    expect(ssl(await put(one, own))).toBeNull();
  });

  test("B2: TLS that is left out is lost", async () => {
    const one = legacyTalk();
    await put(one, own);
    expect(ssl(await put(one, undefined, { loadBalancerType: "PublicIp" }))).toBeNull();
  });

  test("B2: TLS without certificate and key is kept, refused or lost, as the knob has it", async () => {
    const bare = { status: "Enabled", cname: own.cname };
    const one = legacyTalk();
    await put(one, own);
    expect(ssl(await put(one, { ...bare, cert: null, key: null }))).toMatchObject(bare);
    expect(one.world.resource(one.compute("legacy"))?.body).toMatchObject({
      properties: { properties: { sslConfiguration: own } },
    });
    one.world.knobs.tlsWithoutMaterial = "refuse";
    const said = await one.putCompute("legacy", aksCompute(one.ids.aks, { sslConfiguration: bare }));
    expect(errorOf(said).message).toContain("together");
    one.world.knobs.tlsWithoutMaterial = "lose";
    expect(ssl(await put(one, bare))).toBeNull();
  });

  test("Microsoft's certificate keeps its name", async () => {
    const one = legacyTalk();
    const first = ssl(await put(one, auto()));
    expect(ssl(await put(one, first as object))).toEqual(first);
  });
});
