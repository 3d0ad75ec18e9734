import { generateKeyPairSync } from "node:crypto";
import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { run } from "../../src/actions/run.ts";
import type { CheckRun, Issue } from "../../src/host/host.ts";
import { memoryHost } from "../../src/host/memory.ts";
import { Failure } from "../../src/model/failure.ts";
import type { CommonRequest } from "../../src/model/request.ts";
import type { Action } from "../../src/reconcile/action.ts";
import { Redactor, redacting } from "../../src/report/redaction.ts";
import { readMarkdown } from "./read-markdown.ts";

const { privateKey: pem } = generateKeyPairSync("rsa", {
  modulusLength: 2048,
  publicKeyEncoding: { type: "spki", format: "pem" },
  privateKeyEncoding: { type: "pkcs8", format: "pem" },
});
const jwt = "eyJhbGciOiJSUzI1NiJ9.eyJhdWQiOiJhcGk6Ly94In0.c2ln_bmF0-dXJl";

/** Text that is told to nobody, as it may be written; stars are what redaction itself writes. */
const secret = fc
  .oneof(
    fc.string({ minLength: 4, maxLength: 60 }),
    fc.string({ unit: fc.constantFrom("a", "Q", "8", "~", "_", ".", "-", "+", "/", "="), minLength: 4 }),
    fc.base64String({ minLength: 8 }),
  )
  .filter((text) => text.trim().length >= 4 && !text.includes("*"));

describe("known by their looks", () => {
  const clean = (text: string) => new Redactor().clean(text);

  test.each([
    ["a token", `refused ${jwt}.`, "refused ***."],
    ["a token whose signature was cut", "eyJhbGciOi.eyJhdWQi.", "***"],
    ["a bearer header", "authorization: Bearer abc.DEF-123_~+/=", "authorization: Bearer ***"],
    ["the same in lower case", "bearer abcdefgh12", "bearer ***"],
    ["a private key", `key:\n${pem}done`, "key:\n***\ndone"],
    ["a private key in JSON", JSON.stringify({ key: pem, more: 1 }), '{"key":"***\\n","more":1}'],
    [
      "a private key of another kind",
      "-----BEGIN EC PRIVATE KEY-----\nAAAA\n-----END EC PRIVATE KEY-----",
      "***",
    ],
    ["a private key that was cut", "-----BEGIN PRIVATE KEY-----\nMIIE", "***"],
    [
      "the signature of a status URL (arm-contract 1.7)",
      "GET https://x/ops/1?api-version=2025-12-01&service=new&t=638&c=MII%2B*b&s=sig~n&h=Ha-sh done",
      "GET https://x/ops/1?api-version=2025-12-01&service=new&t=***&c=***&s=***&h=*** done",
    ],
    [
      "a shared access signature",
      "https://x.blob/y?sv=1&sig=a%2Bb%3D&se=2",
      "https://x.blob/y?sv=1&sig=***&se=2",
    ],
    [
      "a connection string (arm-contract 1.6)",
      "Endpoint=sb://x/;SharedAccessKeyName=rw;SharedAccessKey=q83v+/=;EntityPath=e",
      "Endpoint=sb://x/;SharedAccessKeyName=rw;SharedAccessKey=***;EntityPath=e",
    ],
    ["an account key", "AccountName=a;AccountKey=Zm9v==;", "AccountName=a;AccountKey=***;"],
    ["a password", "User=sa;Password=hunter2;", "User=sa;Password=***;"],
  ])("%s", (_title, text, expected) => expect(clean(text)).toBe(expected));

  test.each([
    "/subscriptions/22222222-2222-4222-8222-222222222222/resourceGroups/rg.1_(x)/providers/Microsoft.MachineLearningServices/workspaces/ws-1/computes/gpu",
    "The extension is of type Microsoft.AzureML.Kubernetes, version 1.1.84.",
    "https://learn.microsoft.com/azure/machine-learning/how-to-attach-kubernetes-to-workspace?view=azureml-api-2&tabs=cli#limits",
    "https://login.microsoftonline.com/error?code=700016",
    "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----",
    "PUT …/Microsoft.MachineLearningServices/workspaces/ws1/computes/gpu: 201 11111111-2222-4333-8444-555555555555, 12 ms",
    "3 min 05 s; what?t and c=1, s=2; Bearer of news",
    "x-ms-correlation-request-id: 00000000-0000-4000-8000-00000000c0de",
  ])("leaves alone what is harmless: %s", (text) => expect(clean(text)).toBe(text));
});

describe("JSON that is cleaned", () => {
  const mark = fc.constantFrom(
    '"',
    "'",
    "\\",
    "?c=",
    "&s=",
    "?sig=",
    "Password=",
    "Bearer abcdefgh",
    "eyJhbGci",
    "\n",
  );
  const text = fc.array(fc.oneof(mark, fc.string()), { maxLength: 6 }).map((pieces) => pieces.join(""));

  test("stays JSON: the report and the outputs can be read", () => {
    fc.assert(
      fc.property(fc.array(fc.record({ seen: text, remedy: text })), (findings) => {
        const cleaned = new Redactor().clean(JSON.stringify(findings));
        expect(JSON.parse(cleaned)).toHaveLength(findings.length);
      }),
      { numRuns: 500 },
    );
  });
});

describe("known by having been told of", () => {
  const redactorOf = (...secrets: string[]) => {
    const redactor = new Redactor();
    for (const one of secrets) redactor.add(one);
    return redactor;
  };

  test("a text never holds a secret once it is clean", () => {
    const pieces = fc.array(fc.string(), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(
        fc.array(secret, { minLength: 1, maxLength: 4 }),
        pieces,
        fc.nat(),
        (secrets, texts, at) => {
          const redactor = redactorOf(...secrets);
          const text = texts.map((piece, index) => piece + secrets[(at + index) % secrets.length]).join("");
          for (const one of secrets) expect(redactor.clean(text)).not.toContain(one.trim());
        },
      ),
    );
  });

  test("nor in any form it travels in: base64 as it is and for URLs, percent-encoded as a path and as a form", () => {
    fc.assert(
      fc.property(secret, fc.boolean(), (one, lineBreak) => {
        const told = lineBreak ? `${one}\n` : one;
        const redactor = redactorOf(told);
        const bytes = Buffer.from(told);
        const forms = [
          bytes.toString("base64"),
          Buffer.from(one.trim()).toString("base64"),
          Buffer.from(one.trim()).toString("base64url"),
          encodeURIComponent(one.trim()),
          new URLSearchParams({ a: one.trim() }).toString().slice(2),
        ];
        for (const form of forms) expect(redactor.clean(`x${form}y`)).not.toContain(form);
      }),
    );
  });

  test("a secret of many lines goes line by line", () => {
    const redactor = redactorOf(pem.replaceAll("\n", "\r\n"));
    // The frame is no secret: it must stay, for the look of other keys.
    const lines = pem.trim().split("\n").slice(1, -1);
    for (const line of lines) expect(redactor.clean(`> ${line} <`)).toBe("> *** <");
    expect(redactor.clean(lines.slice(3, 9).join(" "))).toBe("*** *** *** *** *** ***");
  });

  test("the longer secret goes first where one holds another", () => {
    expect(redactorOf("abcd", "abcdefgh").clean("abcdefgh abcd abcde")).toBe("*** *** ***e");
  });

  test("text that has no secret stays as it is", () => {
    fc.assert(
      fc.property(secret, fc.string({ unit: fc.constantFrom("x", "y", " ", "/", "\n") }), (one, text) => {
        fc.pre(!/[xy/\n]/.test(one));
        expect(redactorOf(one).clean(text)).toBe(text);
      }),
    );
  });

  test("white space and scraps are no secrets: they would take everything out", () => {
    const redactor = redactorOf("", " ", "\n\n", "abc", "a\nb\nc");
    expect(redactor.clean("a b c abc\n")).toBe("a b c abc\n");
  });

  test("cleaning twice changes nothing more", () => {
    const nasty = fc.constantFrom(
      jwt,
      pem,
      "Bearer abcdefghijk",
      "?sig=abc",
      "&c=x",
      "Password=x;",
      "-----BEGIN ",
    );
    fc.assert(
      fc.property(fc.array(secret), fc.array(fc.oneof(fc.string(), secret, nasty)), (secrets, texts) => {
        const redactor = redactorOf(...secrets);
        const text = [...texts, ...secrets].join(" ");
        const once = redactor.clean(text);
        expect(redactor.clean(once)).toBe(once);
      }),
    );
  });
});

describe("a host that is cleaned", () => {
  const planted = "8Q~planted.secret_value-1";

  test("lets no secret out of any of its doors", async () => {
    const host = memoryHost();
    const clean = redacting(host);
    clean.mask(planted);
    const text = `before ${planted} after`;
    clean.info(text);
    clean.debug(text);
    clean.group(text, [text, text]);
    clean.error(text, text);
    clean.output("report", text);
    clean.saveState("journal", text);
    await clean.summary(text);
    await clean.writeReport("attach", text);
    await clean.writeFile("junit.xml", text);
    await clean.writeFolder("diagnostics", { [`${planted}.log`]: text });
    await clean.writePage("fleet.html", { name: text }, ({ name }) => `<p>${name}`);
    expect(host.said).toEqual({
      log: Array(5).fill("before *** after"),
      errors: [{ title: "before *** after", message: "before *** after" }],
      masks: [planted],
      outputs: { report: "before *** after" },
      summaries: ["before *** after"],
      reports: ["before *** after"],
      state: { journal: "before *** after" },
      files: {
        "junit.xml": "before *** after",
        "diagnostics/***.log": "before *** after",
        "fleet.html": "<p>before *** after",
      },
    });
  });

  test("leaves a page as it is around its data, though a script may look like a secret", async () => {
    const host = memoryHost();
    const clean = redacting(host);
    clean.mask("script");
    await clean.writePage("fleet.html", "data", (data) => `<script>a?t=eyJhbGciOi:1</script>${data}`);
    expect(host.said.files["fleet.html"]).toBe("<script>a?t=eyJhbGciOi:1</script>data");
  });

  test("keeps an issue and what it is written with apart", async () => {
    const issues: Issue[] = [];
    const host = memoryHost({
      issue: async (issue) => {
        issues.push(issue);
        return { done: "opened" };
      },
    });
    const clean = redacting(host);
    clean.mask(planted);
    const text = `${planted} planted-token`;
    const issue = { token: "planted-token", label: "l", open: true, title: text, body: text, farewell: text };
    expect(await clean.issue?.(issue)).toEqual({ done: "opened" });
    const cleaned = { title: "*** ***", body: "*** ***", farewell: "*** ***" };
    expect(issues).toEqual([{ token: "planted-token", label: "l", open: true, ...cleaned }]);
  });

  test.each([
    "AZURE_CLIENT_SECRET",
    "AZURE_CLIENT_CERTIFICATE_PASSWORD",
    "ACTIONS_ID_TOKEN_REQUEST_TOKEN",
    "IDENTITY_HEADER",
  ])("knows what the variable %s holds", (variable) => {
    const host = memoryHost({ environment: { [variable]: planted, AZURE_CLIENT_ID: "client-id-1" } });
    redacting(host).info(`${planted} client-id-1`);
    expect(host.said.log).toEqual(["*** client-id-1"]);
  });

  test("knows the OIDC token that it gave", async () => {
    const host = memoryHost({ idToken: async (audience) => `token-for-${audience}` });
    const clean = redacting(host);
    const token = await clean.idToken("api://x");
    expect(token).toBe("token-for-api://x");
    clean.info(`sent ${token}`);
    expect(host.said.log).toEqual(["sent ***"]);
  });

  test("keeps a check run and what it is written with apart", async () => {
    const runs: CheckRun[] = [];
    const host = memoryHost({ checkRun: async (run) => `url ${runs.push(run)}` });
    const clean = redacting(host);
    clean.mask(planted);
    const text = `${planted} planted-token`;
    const annotations = [{ level: "failure" as const, title: text, message: text }];
    const run = { token: "planted-token", conclusion: "failure" as const, name: text, title: text };
    expect(await clean.checkRun?.({ ...run, summary: text, annotations })).toBe("url 1");
    clean.info(text);
    expect(runs).toEqual([
      {
        token: "planted-token",
        conclusion: "failure",
        name: "*** ***",
        title: "*** ***",
        summary: "*** ***",
        annotations: [{ level: "failure", title: "*** ***", message: "*** ***" }],
      },
    ]);
    expect(host.said.log).toEqual(["*** ***"]);
  });

  test("has no check runs where its host has none", () => {
    expect(redacting(memoryHost()).checkRun).toBeUndefined();
  });

  test("passes everything else on as it is", async () => {
    const host = memoryHost({ inputs: { a: "b" }, files: { f: "content" }, state: { s: "kept" } });
    const clean = redacting(host);
    expect([clean.input("a"), await clean.readFile("f"), clean.state("s"), clean.name]).toEqual([
      "b",
      "content",
      "kept",
      "memory",
    ]);
    expect(clean.cancellation).toBe(host.cancellation);
    expect(clean.environment).toBe(host.environment);
    await expect(clean.idToken("x")).rejects.toMatchObject({ code: "NoIdToken" });
  });
});

describe("a run whose failure holds a secret", () => {
  /** Everything that a run leaves, as its readers take it: the log as text, the page as Markdown, the report as JSON. */
  async function readings(message: string, environment: Record<string, string> = {}) {
    const host = memoryHost({ environment });
    const action: Action<CommonRequest, undefined> = {
      name: "attach",
      subject: "compute",
      target: () => ({}),
      sight: () => ({ state: "Absent" }),
      request: async () => {
        throw new Failure("Planted", message, { details: [message], remedy: message });
      },
      observe: async () => Promise.reject(new Error("never")),
      describe: () => [],
      rules: [],
      plan: () => ({ summary: "", steps: [] }),
      perform: async () => ({ ended: "done" }),
    };
    await run(action, host);
    const { blocks, tables } = readMarkdown(host.said.summaries[0] ?? "");
    const strings: string[] = [];
    const collect = (_key: string, value: unknown) => {
      if (typeof value === "string") strings.push(value);
      return value;
    };
    for (const json of host.said.reports) JSON.parse(json, collect);
    return {
      log: host.said.log.join("\n"),
      annotation: host.said.errors.map(({ title, message: text }) => title + text).join("\n"),
      outputs: Object.values(host.said.outputs).join("\n"),
      page: [...blocks, ...tables.flat(2)].join("\n"),
      report: strings.join("\n"),
    };
  }

  test("leaves it nowhere, whatever its letters mean in Markdown or JSON", async () => {
    const printable = fc
      .string({ unit: "grapheme-ascii", minLength: 4, maxLength: 40 })
      .filter((text) => text.trim().length >= 4 && !/[*\s]/.test(text));
    const marked = fc.stringMatching(/^[a-zA-Z0-9~_.#&<|[\]"\\-]{6,20}$/);
    await fc.assert(
      fc.asyncProperty(fc.oneof(printable, marked), async (one) => {
        const seen = await readings(`Azure said: ${one} (end)`, { AZURE_CLIENT_SECRET: one });
        for (const text of Object.values(seen)) expect(text).not.toContain(one);
      }),
    );
  });

  test("nor where only its looks tell of it", async () => {
    for (const [look, rest] of [
      [jwt, ["dXJl", "YXVk"]],
      ["Bearer ab_cd-ef_gh~ij", ["gh", "ij"]],
      ["https://x/y?t=1&c=MII_a~b_c&s=si_gn*a_b&h=ha_sh", ["MII", "a_b", "ha_sh"]],
      [pem.replaceAll("\n", " "), [pem.split("\n")[9] ?? ""]],
    ] as const) {
      const seen = await readings(`Azure said: ${look} (end)`);
      for (const text of Object.values(seen)) for (const part of rest) expect(text).not.toContain(part);
      expect(seen.annotation).toContain("***");
      expect(seen.page).toContain("(end)");
    }
  });
});
