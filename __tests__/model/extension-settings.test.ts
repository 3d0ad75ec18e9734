import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { presentNames } from "../../src/model/extension-legacy.ts";
import {
  type GivenSettings,
  parseSettingLines,
  parseWorkloads,
  type Settings,
  withWorkloads,
} from "../../src/model/extension-settings.ts";

const key = fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_.-]{0,12}$/);
const value = fc.stringMatching(/^[!-~]{1,20}$/);
const given = (plain: Settings, secret: Settings = {}): GivenSettings => ({ plain, protected: secret });

describe("parseSettingLines (X5)", () => {
  test("reads what was printed, whatever stands between the lines", () => {
    const filler = fc.constantFrom("\n", "\r\n", "\n\n# a=b\n", "\n   \n", "  \r\n\t# x\r\n  ");
    fc.assert(
      fc.property(fc.dictionary(key, value), filler, (settings, between) => {
        const text = Object.entries(settings)
          .map(([name, text]) => `${name}=${text}`)
          .join(between);
        expect(parseSettingLines("config", text)).toEqual({ settings, problems: [] });
      }),
    );
  });

  test("takes names of JavaScript for settings like any other", () => {
    const { settings } = parseSettingLines("config", "constructor=a\n__proto__=b");
    expect(Object.entries(settings)).toEqual([
      ["constructor", "a"],
      ["__proto__", "b"],
    ]);
  });

  test("a key may be any path that Helm takes", () => {
    const text = "tolerations[0].key=a\nnodeSelector.kubernetes\\.io/os=linux";
    expect(parseSettingLines("config", text)).toEqual({
      settings: { "tolerations[0].key": "a", "nodeSelector.kubernetes\\.io/os": "linux" },
      problems: [],
    });
  });

  test("a value may hold `=`, blanks around the sign do not count", () => {
    const text = " relayServerConnectionString = Endpoint=sb://x/;SharedAccessKey=abc= ";
    expect(parseSettingLines("config-protected", text).settings).toEqual({
      relayServerConnectionString: "Endpoint=sb://x/;SharedAccessKey=abc=",
    });
  });

  test.each([
    ["enableTraining", "key=value"],
    ["=True", "key=value"],
    ["--config enableTraining=True", "key=value"],
    ["enableTraining: True", "key=value"],
    ['"enableTraining=True"', "key=value"],
    [
      "enableTraining=True enableInference=True",
      "one setting a line, so that enableInference goes on the next one",
    ],
    ["a=1\na=1", "each key once"],
  ])("%j is refused", (text, accepted) => {
    const { problems } = parseSettingLines("config", text);
    const line = text.split("\n").length;
    const last = text.split("\n").at(-1);
    expect(problems).toEqual([{ input: `config, line ${line}`, given: last, accepted }]);
  });

  test("all wrong lines are told at once, the right ones are kept", () => {
    const { settings, problems } = parseSettingLines("config", "a\nb=1\n\nc d=2");
    expect(settings).toEqual({ b: "1" });
    expect(problems.map(({ input }) => input)).toEqual(["config, line 1", "config, line 4"]);
  });

  test("protected values are never shown, nor are secrets in the wrong input", () => {
    const told = [
      parseSettingLines("config-protected", "secret-without-sign\na=geheim\na=geheim"),
      parseSettingLines("config", "scoringFe.sslKey=geheim\nscoringFe.sslKey=geheim"),
      parseSettingLines("config-protected", "sslKeyPemFile=-----BEGIN PRIVATE KEY-----\ngeheim"),
    ];
    const problems = told.flatMap((one) => one.problems);
    expect(problems).toHaveLength(4);
    expect(JSON.stringify(problems)).not.toMatch(/geheim|secret-without/);
  });

  test("an empty protected value is refused: a secret that does not exist is empty", () => {
    const { problems } = parseSettingLines("config-protected", "serviceBusConnectionString=");
    expect(problems[0]?.accepted).toContain("a secret that does not exist");
    expect(parseSettingLines("config", "domain=").problems).toEqual([]);
  });
});

describe("workloads (X2)", () => {
  test.each<[string, string[] | undefined]>([
    ["training", ["training"]],
    ["Inference", ["inference"]],
    ["both", ["training", "inference"]],
    ["inference, training", ["training", "inference"]],
    ["training\ninference\n", ["training", "inference"]],
    ["training training", ["training"]],
    ["", undefined],
    ["batch", undefined],
    ["training, batch", undefined],
  ])("%j", (text, workloads) => expect(parseWorkloads(text)).toEqual(workloads));

  test("the one that is not named is switched off, as the CLI does (testbed 8)", () => {
    expect(withWorkloads(given({ a: "b" }), ["inference"])).toEqual({
      settings: given({ enableTraining: "False", enableInference: "True", a: "b" }),
      problems: [],
    });
    expect(withWorkloads(given({ a: "b" }), undefined).settings).toEqual(given({ a: "b" }));
  });

  test("what `config` says too may agree, not contradict", () => {
    expect(withWorkloads(given({ enableTraining: "true" }), ["training"]).problems).toEqual([]);
    expect(withWorkloads(given({ enableTraining: "true" }), ["inference"]).problems).toEqual([
      {
        input: "config (enableTraining)",
        given: "true",
        accepted: "False, as `workloads` says, or only one of the two",
      },
    ]);
    const hiddenOne = withWorkloads(given({}, { enableInference: "True" }), ["training"]).problems;
    expect(hiddenOne.map(({ input }) => input)).toEqual(["config-protected (enableInference)"]);
  });
});

describe("presentNames (X3, extension.md 2b)", () => {
  test.each<[Settings, Settings, string]>([
    [
      { privateEndpointNodeport: "True" },
      { inferenceRouterServiceType: "NodePort" },
      "inferenceRouterServiceType=NodePort",
    ],
    [
      { privateEndpointILB: "true" },
      { inferenceRouterServiceType: "LoadBalancer", internalLoadBalancerProvider: "azure" },
      "inferenceRouterServiceType=LoadBalancer and internalLoadBalancerProvider=azure",
    ],
    [{ privateEndpointNodeport: "False" }, {}, "inferenceRouterServiceType=NodePort"],
    [{ inferenceLoadBalancerHA: "False" }, { inferenceRouterHA: "False" }, "inferenceRouterHA"],
    [{ "volcanoScheduler.enable": "false" }, { installVolcano: "false" }, "installVolcano"],
  ])("%j", (old, now, name) => {
    const { settings, warnings, problems } = presentNames(given({ ...old, sslCname: "a.b" }));
    expect(settings).toEqual(given({ ...now, sslCname: "a.b" }));
    expect(problems).toEqual([]);
    expect(warnings.map(({ old, now }) => [old, now])).toEqual([[Object.keys(old)[0], name]]);
    expect(warnings[0]?.text).toContain(name);
  });

  test("RelayConnectionString stays protected", () => {
    const { settings, warnings } = presentNames(given({}, { RelayConnectionString: "geheim" }));
    expect(settings).toEqual(given({}, { "relayserver.relayConnectionString": "geheim" }));
    expect(JSON.stringify(warnings)).not.toContain("geheim");
  });

  test("openshift is passed on, and said to be needless", () => {
    const { settings, warnings } = presentNames(given({ openshift: "True" }));
    expect(settings.plain).toEqual({ openshift: "True" });
    expect(warnings.map(({ old }) => old)).toEqual(["openshift"]);
  });

  test.each<[Settings, Settings, string]>([
    [{ inferenceLoadBalancerHA: "True", inferenceRouterHA: "True" }, {}, "config (inferenceLoadBalancerHA)"],
    [
      { privateEndpointNodeport: "True", inferenceRouterServiceType: "NodePort" },
      {},
      "config (privateEndpointNodeport)",
    ],
    [
      { privateEndpointILB: "True", internalLoadBalancerProvider: "azure" },
      {},
      "config (privateEndpointILB)",
    ],
    [{ privateEndpointNodeport: "True", privateEndpointILB: "True" }, {}, "config (privateEndpointILB)"],
    [{ privateEndpointILB: "Ture" }, {}, "config (privateEndpointILB)"],
    [
      { inferenceRouterHA: "True" },
      { inferenceLoadBalancerHA: "x" },
      "config-protected (inferenceLoadBalancerHA)",
    ],
  ])("%j and %j are refused", (plain, secret, input) => {
    const { problems } = presentNames(given(plain, secret));
    expect(problems.map((problem) => problem.input)).toEqual([input]);
  });

  test("settings that are no secrets are taken out of the protected ones, where they could not be compared", () => {
    const secret = {
      enableInference: "True",
      "nodeSelector.a": "b",
      serviceBusConnectionString: "s",
      other: "o",
    };
    const { settings, warnings } = presentNames(given({}, secret));
    expect(settings).toEqual(
      given(
        { enableInference: "True", "nodeSelector.a": "b" },
        { serviceBusConnectionString: "s", other: "o" },
      ),
    );
    expect(warnings).toHaveLength(2);
    expect(presentNames(given({ sslCname: "a" }, { sslCname: "b" })).settings.protected).toEqual({
      sslCname: "b",
    });
  });

  test("present names are their own present names", () => {
    const names = fc.oneof(
      key,
      fc.constantFrom(
        "privateEndpointILB",
        "inferenceLoadBalancerHA",
        "enableInference",
        "sslCname",
        "openshift",
      ),
    );
    const settings = fc.dictionary(names, fc.oneof(value, fc.constantFrom("True", "False")));
    fc.assert(
      fc.property(settings, settings, (plain, secret) => {
        const once = presentNames({ plain, protected: secret });
        const again = presentNames(once.settings);
        expect(again.settings).toEqual(once.settings);
        expect(again.problems).toEqual([]);
      }),
    );
  });
});
