import { expect, test } from "@jest/globals";
import { play } from "../support/play.ts";

test("T1: attaches with a certificate that Microsoft issues for a label, and gives the name that it generated", () =>
  play("aks-tls-microsoft", async ({ world, attach }) => {
    const inputs = {
      "compute-type": "aks",
      "ssl-leaf-domain-label": "contoso",
      "ssl-overwrite-existing-domain": "true",
    };
    const { exitCode, outputs } = await attach({ inputs });
    expect({ exitCode, changed: outputs["changed"], state: outputs["state"] }).toEqual({
      exitCode: 0,
      changed: "true",
      state: "Succeeded",
    });
    expect(outputs["scoring-host"]).toMatch(/^contoso\d{6}\.eastus\.cloudapp\.azure\.com$/);
    const put = world.exchanges.find(({ method }) => method === "PUT");
    expect(JSON.parse(put?.requestBody ?? "{}")).toMatchObject({
      properties: {
        properties: {
          sslConfiguration: { status: "Auto", leafDomainLabel: "contoso", overwriteExistingDomain: true },
        },
      },
    });
    expect((await attach({ inputs })).outputs).toMatchObject({
      changed: "false",
      "scoring-host": outputs["scoring-host"],
    });
  }));
