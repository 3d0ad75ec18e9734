import { expect, test } from "@jest/globals";
import { memoryHost } from "../../src/host/memory.ts";

test("keeps what is said, in order and apart", async () => {
  const host = memoryHost();
  host.info("one");
  host.group("title", ["two", "three"]);
  host.debug("four");
  host.error("failed", "why");
  host.mask("planted");
  host.output("state", "Creating");
  host.output("state", "Succeeded");
  host.saveState("journal", "kept");
  await host.summary("### Page");
  expect(await host.writeReport("attach", "{}")).toBe("memory:attach.json");
  expect(await host.writeFile("out/junit.xml", "<a/>")).toBe("memory:out/junit.xml");
  expect(await host.writePage("fleet.html", { a: 1 }, JSON.stringify)).toBe("memory:fleet.html");
  expect(await host.writeFolder("diagnostics", { "a.log": "a" })).toBe("memory:diagnostics");
  expect(host.checkRun).toBeUndefined();
  expect(host.said).toEqual({
    log: ["one", "title", "two", "three", "four"],
    errors: [{ title: "failed", message: "why" }],
    masks: ["planted"],
    outputs: { state: "Succeeded" },
    summaries: ["### Page"],
    reports: ["{}"],
    state: { journal: "kept" },
    files: { "out/junit.xml": "<a/>", "fleet.html": '{"a":1}', "diagnostics/a.log": "a" },
  });
});

test("gives what it was made of: inputs trimmed as the runner trims them, empty when not given", async () => {
  const host = memoryHost({
    inputs: { name: " gpu\n" },
    environment: { A: "1" },
    files: { "a.yml": "x: 1" },
    state: { journal: "kept" },
    idToken: async (audience) => `for ${audience}`,
  });
  expect([host.input("name"), host.input("other"), host.environment["A"]]).toEqual(["gpu", "", "1"]);
  expect([host.state("journal"), host.state("other")]).toEqual(["kept", ""]);
  expect(await host.readFile("a.yml")).toBe("x: 1");
  await expect(host.readFile("b.yml")).rejects.toThrow("b.yml");
  expect(await host.idToken("x")).toBe("for x");
});

test("without a token to give it fails as a job without the permission does", async () => {
  await expect(memoryHost().idToken("x")).rejects.toMatchObject({ code: "NoIdToken" });
});

test("cancel aborts with a failure, once", () => {
  const host = memoryHost();
  expect(host.cancellation.aborted).toBe(false);
  host.cancel();
  const { reason } = host.cancellation;
  host.cancel();
  expect(reason).toMatchObject({ code: "Cancelled" });
  expect(host.cancellation.reason).toBe(reason);
});
