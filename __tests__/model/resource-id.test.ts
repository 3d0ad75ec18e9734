import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import {
  formatResourceId,
  parseResourceId,
  resourceName,
  resourceTypes,
  sameText,
} from "../../src/model/resource-id.ts";

const name = fc.stringMatching(/^[-\w.()]{0,40}[-\w()]$/);
const id = fc.record({
  subscriptionId: fc.uuid(),
  resourceGroup: name,
  type: fc.constantFrom(...Object.values(resourceTypes)),
  name,
});
/** Upper and lower case at the whim of the case generator. */
const recased = (text: string) =>
  fc
    .array(fc.boolean(), { minLength: text.length, maxLength: text.length })
    .map((upper) => [...text].map((c, i) => (upper[i] ? c.toUpperCase() : c.toLowerCase())).join(""));

describe("parseResourceId", () => {
  test("takes apart what formatResourceId put together", () => {
    fc.assert(fc.property(id, (one) => expect(parseResourceId(formatResourceId(one))).toEqual(one)));
  });

  test("takes any case, and gives types in their canonical one (extension.md 3)", () => {
    const cased = id.chain((one) => recased(formatResourceId(one)).map((text) => ({ one, text })));
    fc.assert(
      fc.property(cased, ({ one, text }) => {
        const parsed = parseResourceId(text);
        expect(parsed?.type).toBe(one.type);
        expect(sameText(parsed?.name ?? "", one.name)).toBe(true);
        expect(sameText(parsed?.resourceGroup ?? "", one.resourceGroup)).toBe(true);
        expect(parsed?.subscriptionId.toLowerCase()).toBe(one.subscriptionId.toLowerCase());
      }),
    );
  });

  test("keeps a type that it does not know as it was given", () => {
    const text = "/subscriptions/s/resourceGroups/g/providers/microsoft.x/Things/one";
    expect(parseResourceId(text)?.type).toBe("microsoft.x/Things");
  });

  test("refuses trailing and leading junk", () => {
    const junk = fc.constantFrom("/", "/x", "?a=b", "#x", " ", "\n", "/computes/gpu", " x", "\t");
    fc.assert(
      fc.property(id, junk, (one, extra) => {
        expect(parseResourceId(formatResourceId(one) + extra)).toBeUndefined();
        expect(parseResourceId(` ${formatResourceId(one)}`)).toBeUndefined();
        expect(parseResourceId(`https://management.azure.com${formatResourceId(one)}`)).toBeUndefined();
      }),
    );
  });

  test("refuses an id that lacks a part", () => {
    fc.assert(
      fc.property(id, fc.nat(7), (one, gone) => {
        const parts = formatResourceId(one).slice(1).split("/");
        const rest = parts.filter((_, index) => index !== gone);
        expect(parseResourceId(`/${rest.join("/")}`)).toBeUndefined();
        expect(parseResourceId(`/${parts.with(gone, "").join("/")}`)).toBeUndefined();
      }),
    );
  });

  test("takes a group's name in any script (arm-contract 1.2)", () => {
    const one =
      "/subscriptions/s/resourceGroups/研究-grün/providers/Microsoft.Kubernetes/connectedClusters/arc1";
    expect(parseResourceId(one)?.resourceGroup).toBe("研究-grün");
  });

  test("refuses path segments that would lead elsewhere once they are in a URL", () => {
    const places = [1, 3, 7] as const;
    fc.assert(
      fc.property(id, fc.constantFrom(".", ".."), fc.constantFrom(...places), (one, dots, at) => {
        const parts = formatResourceId(one).slice(1).split("/");
        expect(parseResourceId(`/${parts.with(at, dots).join("/")}`)).toBeUndefined();
      }),
    );
  });

  test("takes no text for an id that is none", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(parseResourceId(text)).toBeUndefined();
      }),
    );
  });
});

test("sameText compares as Azure compares names: without case, and nothing more (arm-contract 8)", () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (one, other) => {
      expect(sameText(one, one.toUpperCase().toLowerCase())).toBe(
        one.toLowerCase() === one.toUpperCase().toLowerCase(),
      );
      expect(sameText(one, other)).toBe(one.toLowerCase() === other.toLowerCase());
    }),
  );
  expect(sameText("RG1", "rg1")).toBe(true);
  expect(sameText("rg1", "rg1 ")).toBe(false);
});

test("the name in an id, and a text that is none as it is", () => {
  const id = "/subscriptions/s/resourceGroups/g/providers/Microsoft.ContainerService/managedClusters/a";
  expect(resourceName(id)).toBe("a");
  expect(resourceName("somewhere")).toBe("somewhere");
});
