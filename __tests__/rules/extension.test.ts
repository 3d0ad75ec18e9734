import { describe, expect, test } from "@jest/globals";
import { azureMlExtension, extensionRules } from "../../src/rules/extension.ts";
import { absent, denied, extension, facts, lines, said, there } from "./facts.ts";

const of = (given: Parameters<typeof facts>[0]) => lines(extensionRules, facts(given));
const one = (properties: Parameters<typeof extension>[0]) =>
  said(extensionRules, facts({ extensions: there([extension(properties)]) }))[0];

test("a healthy extension passes in silence, whatever its name and the case of its type (testbed 8)", () => {
  expect(of({})).toEqual([]);
  const odd = { ...extension({ extensionType: "MICROSOFT.AZUREML.KUBERNETES" }), name: "anything" };
  expect(of({ extensions: there([odd]) })).toEqual([]);
});

describe("X1, K1: there is one", () => {
  const error = ["error extension-installed (X1, K1)"];

  test("an error where there is none, or none of that type", () => {
    expect(of({ extensions: there([]) })).toEqual(error);
    expect(of({ extensions: absent })).toEqual(error);
    expect(of({ extensions: there([extension({ extensionType: "microsoft.flux" })]) })).toEqual(error);
    expect(of({ extensions: there([{ name: "azureml", properties: {} }]) })).toEqual(error);
  });

  test("it is found among others", () => {
    const flux = extension({ extensionType: "microsoft.flux", provisioningState: "Failed" });
    expect(of({ extensions: there([flux, extension()]) })).toEqual([]);
    expect(azureMlExtension([flux, extension()])).toEqual(extension());
    expect(azureMlExtension([flux])).toBeUndefined();
  });

  test("a warning where they can't be read", () => {
    expect(of({ extensions: denied })).toEqual(["warning extension-installed (X1, K1)"]);
  });

  test("silent where the cluster itself was not seen: that is another rule's to say", () => {
    for (const seen of [absent, denied]) {
      expect(of({ cluster: { kind: "aks", seen }, extensions: absent })).toEqual([]);
      expect(of({ cluster: { kind: "aks", seen }, extensions: denied })).toEqual([]);
    }
  });
});

describe("K1: it is Succeeded", () => {
  test.each(["Creating", "Updating", "Deleting", "Failed", "Canceled"])("an error when it is %s", (state) => {
    expect(of({ extensions: there([extension({ provisioningState: state })]) })).toEqual([
      "error extension-succeeded (K1)",
    ]);
    expect(one({ provisioningState: state })?.seen).toBe(`The extension "azureml" is ${state}.`);
  });

  test.each(["Failed", "failed", "Canceled"])(
    "one that is %s does not mend itself: nobody is told to wait",
    (state) => {
      expect(one({ provisioningState: state })?.remedy).toMatch(/^Mend /);
    },
  );

  test.each(["Creating", "Updating"])("one that is %s is waited for", (state) => {
    expect(one({ provisioningState: state })?.remedy).toMatch(/^Wait /);
  });

  test("its errors are told with all that is nested, from both places (arm-contract 3)", () => {
    const errorInfo = {
      code: "ExtensionOperationFailed",
      message: "The\r\nextension failed.",
      details: [{ code: "InstallationFailed", message: "Helm timed out" }],
    };
    const statuses = [
      { code: "PodsNotReady", level: "Error", message: "2 pods\npending" },
      { displayStatus: "Not ready", level: "error", message: "relay" },
      { code: "Fine", level: "Information", message: "not told" },
      { code: "Meh", level: "Warning", message: "not told" },
    ];
    expect(one({ provisioningState: "Failed", errorInfo, statuses })?.seen).toBe(
      [
        'The extension "azureml" is Failed.',
        "ExtensionOperationFailed: The extension failed.",
        "InstallationFailed: Helm timed out",
        "PodsNotReady: 2 pods pending",
        "Not ready: relay",
      ].join(" "),
    );
  });
});

describe("arm-contract 3: Succeeded is not the whole story", () => {
  const warning = ["warning extension-statuses (arm-contract 3)"];

  test.each([
    ["a status that is an error", { statuses: [{ code: "Boom", level: "Error", message: "x" }] }],
    ["an errorInfo", { errorInfo: { code: "Boom", message: "x" } }],
  ])("a warning with %s", (_title, properties) => {
    expect(of({ extensions: there([extension(properties)]) })).toEqual(warning);
    expect(one(properties)?.seen).toContain("Boom: x");
  });

  test.each([{ statuses: null }, { statuses: [{ code: "Fine", message: "x" }] }, { errorInfo: null }])(
    "silent with %j",
    (properties) => expect(of({ extensions: there([extension(properties)]) })).toEqual([]),
  );

  test("said once only: a failed extension's errors stand in its own finding", () => {
    const failed = extension({ provisioningState: "Failed", errorInfo: { code: "Boom", message: "x" } });
    expect(of({ extensions: there([failed]) })).toEqual(["error extension-succeeded (K1)"]);
  });
});
