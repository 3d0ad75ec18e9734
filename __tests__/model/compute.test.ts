import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import {
  type Attachment,
  attachBody,
  type Compute,
  differenceLines,
  differences,
  isFinal,
  principalId,
  provisioningErrorLines,
  stateOf,
} from "../../src/model/compute.ts";
import { formatResourceId, resourceTypes } from "../../src/model/resource-id.ts";

const name = fc.stringMatching(/^[a-zA-Z0-9]([-a-zA-Z0-9]{0,10}[a-zA-Z0-9])?$/);
const idOf = (...types: string[]) =>
  fc
    .record({ subscriptionId: fc.uuid(), resourceGroup: name, type: fc.constantFrom(...types), name })
    .map(formatResourceId);
const identityId = idOf(resourceTypes.identity);
const common = {
  clusterId: idOf(resourceTypes.aks, resourceTypes.arc),
  namespace: fc.stringMatching(/^[a-z0-9]([-a-z0-9]{0,10}[a-z0-9])?$/),
  description: fc.option(fc.string(), { nil: undefined }),
};
const attachment: fc.Arbitrary<Attachment> = fc.oneof(
  fc.record({
    ...common,
    identityType: fc.constantFrom("none" as const, "system_assigned" as const),
    userAssignedIdentities: fc.constant([]),
  }),
  fc.record({
    ...common,
    identityType: fc.constant("user_assigned" as const),
    userAssignedIdentities: fc.array(identityId, { minLength: 1, maxLength: 4 }),
  }),
);

const [first, second] = ["one", "two"].map(
  (id) =>
    `/subscriptions/22222222-2222-4222-8222-222222222222/resourceGroups/rg1/providers/Microsoft.ManagedIdentity/userAssignedIdentities/${id}`,
) as [string, string];
const wanted: Attachment = {
  clusterId:
    "/subscriptions/22222222-2222-4222-8222-222222222222/resourceGroups/rg1/providers/Microsoft.ContainerService/managedClusters/aks1",
  namespace: "team-a",
  identityType: "user_assigned",
  userAssignedIdentities: [first, second],
  description: "for the night runs",
};
const found = attachBody(wanted, "eastus");
const changed = (properties: Partial<Compute["properties"]>): Compute => ({
  ...found,
  properties: { ...found.properties, ...properties },
});
const fieldsOf = (compute: Compute, want = wanted) => differences(want, compute).map(({ field }) => field);

describe("attachBody", () => {
  test("is what `az ml compute attach` sends (peers 1.2)", () => {
    expect(found).toEqual({
      location: "eastus",
      identity: { type: "UserAssigned", userAssignedIdentities: { [first]: {}, [second]: {} } },
      properties: {
        computeType: "Kubernetes",
        resourceId: wanted.clusterId,
        description: "for the night runs",
        properties: { namespace: "team-a" },
      },
    });
  });

  test.each([
    ["none", undefined],
    ["system_assigned", { type: "SystemAssigned" }],
  ] as const)("L2: identity %s", (identityType, identity) => {
    const body = attachBody({ ...wanted, identityType, userAssignedIdentities: [] }, "eastus");
    expect(body.identity).toEqual(identity);
    expect("identity" in body).toBe(identity !== undefined);
  });

  test("names no description that was not given", () => {
    expect("description" in attachBody({ ...wanted, description: undefined }, "l").properties).toBe(false);
  });
});

describe("differences", () => {
  test("an attachment does not differ from what is sent for it", () => {
    fc.assert(
      fc.property(attachment, (want) => {
        expect(differences(want, attachBody(want, "eastus"))).toEqual([]);
      }),
    );
  });

  test("nor where an identity is given twice, for the body names it once", () => {
    for (const again of [first, first.toUpperCase()]) {
      const twice = { ...wanted, userAssignedIdentities: [first, second, again] };
      expect(differences(twice, attachBody(twice, "eastus"))).toEqual([]);
    }
  });

  test("ids are compared without case, identities in any order (design 5)", () => {
    const shuffled = attachment.chain((want) =>
      fc
        .shuffledSubarray([...want.userAssignedIdentities], { minLength: want.userAssignedIdentities.length })
        .map((ids) => ({ want, ids })),
    );
    fc.assert(
      fc.property(shuffled, fc.boolean(), ({ want, ids }, upper) => {
        const cased = (text: string) => (upper ? text.toUpperCase() : text.toLowerCase());
        const other = {
          ...want,
          clusterId: cased(want.clusterId),
          userAssignedIdentities: ids.map(cased),
        };
        expect(differences(want, attachBody(other, "westeurope"))).toEqual([]);
      }),
    );
  });

  test.each([
    ["computeType", changed({ computeType: "AKS" })],
    ["resourceId", changed({ resourceId: `${wanted.clusterId}2` })],
    ["resourceId", changed({ resourceId: null })],
    ["namespace", changed({ properties: { namespace: "team-b" } })],
    ["namespace", changed({ properties: { namespace: "Team-A" } })],
    ["namespace", changed({ properties: null })],
    ["identity", { ...found, identity: { type: "SystemAssigned" } }],
    ["identity", { ...found, identity: null }],
    ["identity", { ...found, identity: { type: "UserAssigned", userAssignedIdentities: { [first]: {} } } }],
    [
      "identity",
      {
        ...found,
        identity: {
          type: "SystemAssigned,UserAssigned",
          userAssignedIdentities: { [first]: {}, [second]: {} },
        },
      },
    ],
    ["description", changed({ description: "for the day runs" })],
    ["description", changed({ description: null })],
  ] satisfies [string, Compute][])("%s", (field, compute) => {
    expect(fieldsOf(compute)).toEqual([field]);
  });

  test("all fields that differ are told, each with both sides", () => {
    const other: Compute = {
      properties: { computeType: "AKS", properties: {} },
    };
    expect(differenceLines(differences(wanted, other))).toEqual([
      'computeType: wanted "Kubernetes", found "AKS"',
      `resourceId: wanted "${wanted.clusterId}", found "(none)"`,
      'namespace: wanted "team-a", found "default"',
      `identity: wanted "UserAssigned ${first.toLowerCase()} ${second.toLowerCase()}", found "None"`,
      'description: wanted "for the night runs", found ""',
    ]);
  });

  test("a namespace that Azure does not tell is `default` (arm-contract 1.6, L1)", () => {
    const want = { ...wanted, namespace: "default" };
    expect(fieldsOf(changed({ properties: {} }), want)).toEqual([]);
    expect(fieldsOf(changed({ properties: { namespace: null } }), want)).toEqual([]);
  });

  test("a description counts only where one was asked for, an empty one too", () => {
    const undescribed = { ...wanted, description: undefined };
    expect(fieldsOf(changed({ description: "anything" }), undescribed)).toEqual([]);
    expect(fieldsOf(changed({ description: "anything" }), { ...wanted, description: "" })).toEqual([
      "description",
    ]);
    expect(fieldsOf(changed({ description: null }), { ...wanted, description: "" })).toEqual([]);
  });

  test("no identity is the same as the identity None (arm-contract 1.3)", () => {
    const want: Attachment = { ...wanted, identityType: "none", userAssignedIdentities: [] };
    for (const identity of [undefined, null, { type: "None" }] as const) {
      const { identity: _given, ...rest } = found;
      expect(fieldsOf(identity === undefined ? rest : { ...rest, identity }, want)).toEqual([]);
    }
  });
});

describe("what a compute tells", () => {
  const withIdentity = (identity: NonNullable<Compute["identity"]>) => principalId({ ...found, identity });

  test("L5: the system identity's principal, else the first user-assigned one's", () => {
    const assigned = { [first]: { principalId: "p1" }, [second]: { principalId: "p2" } };
    expect(withIdentity({ type: "SystemAssigned", principalId: "p0" })).toBe("p0");
    expect(withIdentity({ type: "UserAssigned", userAssignedIdentities: assigned })).toBe("p1");
    expect(
      withIdentity({
        type: "SystemAssigned,UserAssigned",
        principalId: "p0",
        userAssignedIdentities: assigned,
      }),
    ).toBe("p0");
    expect(withIdentity({ type: "None" })).toBeUndefined();
    expect(principalId({ properties: found.properties })).toBeUndefined();
  });

  test("every provisioning error with all that is nested in it (arm-contract 1.4)", () => {
    const provisioningErrors = [
      { error: { code: "A", message: "a", details: [{ code: "B", message: "b" }] } },
      { error: { code: "C", message: "c" } },
      {},
    ];
    expect(provisioningErrorLines(changed({ provisioningErrors }))).toEqual([
      "A: a",
      "  B: b",
      "C: c",
      "Error: no message",
    ]);
    expect(provisioningErrorLines(changed({ provisioningErrors: null }))).toEqual([]);
    expect(provisioningErrorLines(found)).toEqual([]);
  });

  test("a state that is absent means Succeeded (arm-contract 8)", () => {
    expect(stateOf(found)).toBe("Succeeded");
    expect(stateOf(changed({ provisioningState: "Creating" }))).toBe("Creating");
  });

  test("three states are final, in any case; every other word means that Azure is at work", () => {
    for (const state of ["Succeeded", "failed", "CANCELED", "Cancelled"]) expect(isFinal(state)).toBe(true);
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.constantFrom("Creating", "Deleting", "Unknown")), (state) => {
        fc.pre(!["succeeded", "failed", "canceled", "cancelled"].includes(state.toLowerCase()));
        expect(isFinal(state)).toBe(false);
        expect(isFinal(`Failed${state || "!"}`)).toBe(false);
      }),
    );
  });
});
