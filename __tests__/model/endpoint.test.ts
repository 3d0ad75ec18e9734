import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { isSafe } from "../../src/model/endpoint.ts";

const safe = (text: string) => isSafe(new URL(text));

test.each([
  "https://management.azure.com",
  "http://127.0.0.1:8080",
  "http://localhost",
  "http://[::1]:5000/x",
])("%s may be asked (design 4: plain http only for loopback)", (url) => expect(safe(url)).toBe(true));

test.each([
  "http://management.azure.com",
  "http://127.0.0.1.evil.test",
  "http://localhost.evil.test",
  "http://127.0.0.1@evil.test",
  "http://10.0.0.1",
  "http://0.0.0.0",
  "ftp://localhost",
  "file:///etc/passwd",
  "javascript:alert(1)",
])("%s may not", (url) => expect(safe(url)).toBe(false));

test("any host may be asked by https, none by plain http", () => {
  fc.assert(
    fc.property(fc.domain(), (host) => {
      expect(safe(`https://${host}`)).toBe(true);
      expect(safe(`http://${host}`)).toBe(false);
    }),
  );
});
