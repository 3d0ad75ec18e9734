import { expect, test } from "@jest/globals";
import { annotations } from "../../src/report/annotations.ts";
import { crashing, outdated, unpulled } from "./gates.ts";

test("a finding tells in one annotation what was seen, of what, what to do and where to read on", () => {
  expect(annotations([crashing])).toEqual([
    {
      level: "failure",
      title: "pods-running (K2)",
      message: `${crashing.object}: ${crashing.seen}\nWhat to do: ${crashing.remedy}\nRead on: ${crashing.link}`,
    },
  ]);
});

test("the worst come first, each at its level", () => {
  const note = { ...outdated, severity: "info" as const };
  expect(annotations([note, outdated, crashing]).map(({ level }) => level)).toEqual([
    "failure",
    "warning",
    "notice",
  ]);
});

test.each([
  [200, 200],
  [201, 200],
  [2_000, 200],
])("of %d findings there are %d annotations at most, and a note of the others", (given, count) => {
  const made = annotations(Array.from({ length: given }, (_, number) => unpulled(number)));
  expect(made).toHaveLength(count);
  const left = given - 199;
  expect(made.at(-1)?.title).toBe(
    given > 200 ? `${left.toLocaleString("en")} more findings` : "pods-image (extension 11)",
  );
});

test("texts stay within what GitHub takes: 255 characters of a title, 64 KB of a message", () => {
  const [made] = annotations([{ ...crashing, id: "x".repeat(300), seen: "ä".repeat(100_000) }]);
  expect(made?.title.length).toBe(255);
  expect(Buffer.byteLength(made?.message ?? "")).toBeLessThan(64 * 1024);
});
