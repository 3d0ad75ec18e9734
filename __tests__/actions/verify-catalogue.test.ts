import { describe, expect, test } from "@jest/globals";
import { brokenClusters, healthyClusters, verified } from "../support/catalogue.ts";
import { virtually } from "../support/virtual-time.ts";

describe("a broken cluster: the first finding names cause and remedy (issue 4)", () => {
  test.each(brokenClusters.map((one) => [`${one.title} (${one.source})`, one] as const))(
    "%s",
    async (_name, one) => {
      const { exit, report, host } = await virtually(() => verified(one.arrange));
      const [first] = report.findings;
      expect(first?.seen).toMatch(one.cause);
      expect(first?.remedy).toMatch(one.remedy);
      expect({ verdict: report.gate?.verdict, rule: first?.id }).toEqual({
        verdict: one.verdict,
        rule: one.rule,
      });
      expect(first?.severity).toBe(one.verdict === "fail" ? "error" : "warning");
      expect(exit).toBe(one.verdict === "fail" ? 1 : 0);
      expect(host.said.outputs["verdict"]).toBe(one.verdict);
    },
  );
});

describe("a healthy cluster passes without a warning (issue 4, K1 to K3)", () => {
  test.each(healthyClusters.map(({ title, arrange }) => [title, arrange] as const))(
    "%s",
    async (_title, arrange) => {
      const { exit, report } = await virtually(() => verified(arrange));
      expect(report.findings.filter(({ severity }) => severity !== "info")).toEqual([]);
      expect({ exit, verdict: report.gate?.verdict }).toEqual({ exit: 0, verdict: "pass" });
      expect(report.gate?.checks.filter(({ result }) => result !== "pass")).toEqual([]);
      expect(report.gate?.parts.filter(({ health }) => health !== "pass")).toEqual([]);
    },
  );
});
