import { expect, test } from "@jest/globals";
import { everythingSeen, play } from "../support/play.ts";
import { leaks } from "../support/secret-scanner.ts";
import { tlsPair } from "../support/tls-pair.ts";

// A name that no name server knows (RFC 2606).
const cname = "scoring.contoso.invalid";

test("T2, T3, T4: attaches with an own certificate, tells the DNS record to make, and shows the key nowhere", () =>
  play("aks-tls-own", async ({ world, attach }) => {
    const { certificate, key } = await tlsPair({ cname });
    world.secrets.add(key.split("\n")[1] ?? key);
    const inputs = {
      "compute-type": "aks",
      "ssl-cert-pem": Buffer.from(certificate).toString("base64"),
      "ssl-key-pem": key,
      "ssl-cname": cname,
    };
    const result = await attach({ inputs, env: { RUNNER_DEBUG: "1" } });
    const { exitCode, outputs, summary } = result;
    expect({ exitCode, host: outputs["scoring-host"] }).toEqual({ exitCode: 0, host: cname });
    expect(outputs["plan"]).toContain('"cert":"(hidden)","key":"(hidden)"');
    expect(summary).toContain(`Make the DNS record \`${cname}. A ${outputs["scoring-ip"]}\``);
    expect(leaks(everythingSeen(result), world.secrets)).toEqual([]);
    const put = world.exchanges.find(({ method }) => method === "PUT");
    expect(JSON.parse(put?.requestBody ?? "{}")).toMatchObject({
      properties: { properties: { sslConfiguration: { status: "Enabled", cname, cert: certificate, key } } },
    });
  }));
