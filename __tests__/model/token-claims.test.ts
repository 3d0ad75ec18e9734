import { expect, test } from "@jest/globals";
import { claimsOf } from "../../src/model/token-claims.ts";

const token = (claims: unknown) => `h.${Buffer.from(JSON.stringify(claims)).toString("base64url")}.s`;

test.each([
  [
    { upn: "ann@contoso.com", appid: "a", oid: "o", tid: "t" },
    { person: "ann@contoso.com", application: "a", objectId: "o", tenantId: "t" },
  ],
  [
    { preferred_username: "bob@contoso.com", azp: "b" },
    { person: "bob@contoso.com", application: "b" },
  ],
  [{ oid: 5, tid: "" }, {}],
  ["text", {}],
  [null, {}],
])("%j tells %j", (claims, expected) => {
  expect(claimsOf(token(claims))).toEqual(expected);
});

test.each(["", "a", "a.b", "a.%%%.c", "opaque"])("%j tells nothing", (text) => {
  expect(claimsOf(text)).toEqual({});
});
