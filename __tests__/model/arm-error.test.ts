import { stripVTControlCharacters } from "node:util";
import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { type ArmErrorBody, errorLines, oneLine } from "../../src/model/arm-error.ts";
import { anyCharacter } from "../support/any-character.ts";

const text = fc.string({ unit: anyCharacter });
const { error: anyError } = fc.letrec<{ error: ArmErrorBody }>((tie) => ({
  error: fc.record(
    {
      code: fc.oneof(fc.constantFrom("BadRequest", "Conflict"), text),
      message: text,
      target: fc.option(text),
      details: fc.oneof(
        { depthSize: "small" },
        fc.constant(null),
        fc.array(tie("error") as fc.Arbitrary<ArmErrorBody>, { maxLength: 3 }),
      ),
      additionalInfo: fc.option(
        fc.array(fc.record({ type: text, info: fc.jsonValue() }, { requiredKeys: [] }), { maxLength: 2 }),
      ),
    },
    { requiredKeys: [] },
  ),
}));

function countOf(error: ArmErrorBody): number {
  const inner = (error.details ?? []).reduce((sum, one) => sum + countOf(one), 0);
  return 1 + (error.additionalInfo ?? []).length + inner;
}

describe("errorLines", () => {
  test("tells the cause that is two levels down, indented (peers 1.4)", () => {
    const error: ArmErrorBody = {
      code: "BadRequest",
      message: "Attach failed.\r\n  See details.",
      target: "computes/gpu",
      additionalInfo: [{ type: "PolicyViolation", info: { policy: "no-public-ip" } }],
      details: [
        {
          code: "ClusterError",
          message: "outer",
          details: [{ code: "ClusterNotReachable", message: "the API server is stopped" }],
        },
        { code: "Second", message: "also" },
      ],
    };
    expect(errorLines(error)).toEqual([
      "BadRequest (computes/gpu): Attach failed. See details.",
      '  PolicyViolation: {"policy":"no-public-ip"}',
      "  ClusterError: outer",
      "    ClusterNotReachable: the API server is stopped",
      "  Second: also",
    ]);
  });

  test("takes what Azure leaves out or sends as null (arm-contract 8)", () => {
    expect(errorLines({})).toEqual(["Error: no message"]);
    const empty = { code: "X", message: "y", target: null, details: null, additionalInfo: null };
    expect(errorLines(empty)).toEqual(["X: y"]);
    const bare = errorLines({ code: "X", message: "y", additionalInfo: [{}] });
    expect(bare.map((line) => line.trim())).toEqual(["X: y", "info:"]);
  });

  test("has one line for each error and each piece of information, however deep, none of them broken", () => {
    fc.assert(
      fc.property(anyError, (error) => {
        const lines = errorLines(error);
        expect(lines).toHaveLength(countOf(error));
        for (const line of lines) expect(line).not.toMatch(/[\r\n\u2028\u2029]/);
      }),
    );
  });
});

describe("oneLine", () => {
  test("folds white space and what steers a terminal to one blank, and keeps the rest", () => {
    fc.assert(
      fc.property(text, (given) => {
        const line = oneLine(given);
        expect(line).not.toMatch(/[\r\n\u2028\u2029]|\p{Cc}|\s\s|^\s|\s$/u);
        const plain = stripVTControlCharacters(given).replaceAll(/[\s\p{Cc}\p{Bidi_Control}]/gu, "");
        expect(line.replaceAll(" ", "")).toBe(plain);
        expect(oneLine(line)).toBe(line);
      }),
    );
  });
});
