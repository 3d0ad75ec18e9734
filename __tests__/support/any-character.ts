import fc from "fast-check";

/** A character of Unicode, printable or not. fast-check's own `binary` makes a table of all of them, for seconds. */
export const anyCharacter: fc.Arbitrary<string> = fc
  .oneof(fc.nat(0xff), fc.nat(0xd7ff), fc.integer({ min: 0xe000, max: 0x10ffff }))
  .map((code) => String.fromCodePoint(code));
