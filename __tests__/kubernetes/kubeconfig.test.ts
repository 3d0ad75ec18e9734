import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { stringify } from "yaml";
import { makeCertificate } from "../../emulator/index.ts";
import { readKubeconfig } from "../../src/kubernetes/kubeconfig.ts";
import { Failure } from "../../src/model/failure.ts";
import { anyCharacter } from "../support/any-character.ts";

const base64 = (text: string) => Buffer.from(text).toString("base64");
const aksServer = "6dae42f8-4368-4678-94ff-3960e28e3630";
const [mine, another] = await Promise.all(
  ["me", "another"].map((name) => makeCertificate({ names: [], subject: `CN=${name}`, usage: "client" })),
);
if (!mine || !another) throw new Error("no certificates");
const authority = another.certificate;
const planted = "planted-token-0123456789-abcdefghijklmnopqrstuvwxyz";

/** A kubeconfig as AKS gives it, with parts replaced. */
function config(user: object, more: { cluster?: object; top?: object } = {}): string {
  return stringify({
    apiVersion: "v1",
    kind: "Config",
    preferences: {},
    clusters: [
      {
        name: "aks1",
        cluster: {
          server: "https://aks1.example:443",
          "certificate-authority-data": base64(authority),
          ...more.cluster,
        },
      },
    ],
    contexts: [
      { name: "other", context: { cluster: "none", user: "none" } },
      { name: "admin", context: { cluster: "aks1", user: "me", namespace: "default" } },
    ],
    "current-context": "admin",
    users: [{ name: "me", user }],
    ...more.top,
  });
}

const kubelogin = (args: string[], command = "kubelogin") => ({
  exec: {
    apiVersion: "client.authentication.k8s.io/v1beta1",
    command,
    args,
    env: null,
    provideClusterInfo: false,
  },
});

function refusal(content: string): Failure {
  try {
    readKubeconfig(content);
  } catch (error) {
    if (error instanceof Failure) return error;
    throw error;
  }
  throw new Error("the kubeconfig was taken");
}

describe("a kubeconfig that can be used (issue 4, point 2)", () => {
  test("by certificate", () => {
    const user = {
      "client-certificate-data": base64(mine.certificate),
      "client-key-data": base64(mine.privateKey),
    };
    expect(readKubeconfig(config(user))).toEqual({
      server: "https://aks1.example:443",
      tls: { ca: authority, cert: mine.certificate, key: mine.privateKey },
      secrets: expect.arrayContaining([mine.privateKey, base64(mine.privateKey)]),
    });
  });

  test("by token, which is a secret", () => {
    const access = readKubeconfig(config({ token: planted }));
    expect(access).toMatchObject({ token: planted, secrets: [planted] });
    expect(access).not.toHaveProperty("entraServer");
  });

  test("by kubelogin: the token is for the server application of AKS, whatever else it asks", () => {
    for (const command of ["kubelogin", "/usr/local/bin/kubelogin", "C:\\tools\\kubelogin.exe"]) {
      const args = ["get-token", "--login", "devicecode", "--server-id", aksServer, "--client-id", "x"];
      expect(readKubeconfig(config(kubelogin(args, command)))).toMatchObject({
        entraServer: aksServer,
        secrets: [],
      });
    }
  });

  test("of another name in the certificate, without authority of its own, with a slash at the end", () => {
    const cluster = {
      server: "https://aks1.example/k8s/clusters/1/",
      "certificate-authority-data": undefined,
      "tls-server-name": "kubernetes.default",
    };
    const { server, tls } = readKubeconfig(config({ token: planted }, { cluster }));
    expect({ server, tls }).toEqual({
      server: "https://aks1.example/k8s/clusters/1",
      tls: { servername: "kubernetes.default" },
    });
  });

  test("in JSON, and with a user that also names a program", () => {
    const text = config({ token: planted, ...kubelogin(["get-token"]) });
    expect(readKubeconfig(text).token).toBe(planted);
    expect(
      readKubeconfig(
        JSON.stringify(
          JSON.parse(
            JSON.stringify({
              clusters: [{ name: "a", cluster: { server: "https://a" } }],
              contexts: [{ name: "a", context: { cluster: "a", user: "a" } }],
              "current-context": "a",
              users: [{ name: "a", user: { token: planted } }],
            }),
          ),
        ),
      ).server,
    ).toBe("https://a");
  });
});

describe("a kubeconfig that is refused", () => {
  const token = { token: planted };
  test.each<[string, string, string, RegExp]>([
    [
      "a client certificate that is none",
      config({ "client-certificate-data": base64("x"), "client-key-data": base64(planted) }),
      "KubeconfigInvalid",
      /client certificate/,
    ],
    [
      "a client key that is none",
      config({ "client-certificate-data": base64(mine.certificate), "client-key-data": base64(planted) }),
      "KubeconfigInvalid",
      /key/,
    ],
    [
      "a client key of another certificate",
      config({
        "client-certificate-data": base64(mine.certificate),
        "client-key-data": base64(another.privateKey),
      }),
      "KubeconfigInvalid",
      /key/,
    ],
    [
      "another program",
      config({ exec: { command: "aws-iam-authenticator", args: ["token"] } }),
      "KubeconfigNeedsProgram",
      /aws-iam-authenticator/,
    ],
    [
      "kubelogin for another server",
      config(kubelogin(["get-token", "--server-id", "00000000-0000-0000-0000-000000000000"])),
      "KubeconfigNeedsProgram",
      /kubelogin/,
    ],
    ["kubelogin without a server", config(kubelogin(["get-token"])), "KubeconfigNeedsProgram", /kubelogin/],
    [
      "kubelogin whose server is the next flag",
      config(kubelogin([aksServer, "--server-id"])),
      "KubeconfigNeedsProgram",
      /kubelogin/,
    ],
    [
      "a program that only ends like kubelogin",
      config(kubelogin(["get-token", "--server-id", aksServer], "evil-kubelogin")),
      "KubeconfigNeedsProgram",
      /evil-kubelogin/,
    ],
    ["an auth provider", config({ "auth-provider": { name: "gcp" } }), "KubeconfigNeedsProgram", /gcp/],
    ["nothing to sign in with", config({}), "KubeconfigNeedsProgram", /no token/],
    [
      "a certificate without key",
      config({ "client-certificate-data": base64("c") }),
      "KubeconfigNeedsProgram",
      /no token/,
    ],
    [
      "insecure-skip-tls-verify",
      config(token, { cluster: { "insecure-skip-tls-verify": true } }),
      "KubeconfigUnsafe",
      /insecure-skip-tls-verify/,
    ],
    ["http", config(token, { cluster: { server: "http://aks1.example" } }), "KubeconfigUnsafe", /https/],
    ["no URL", config(token, { cluster: { server: "aks1.example:443" } }), "KubeconfigUnsafe", /https/],
    [
      "a file of an authority",
      config(token, { cluster: { "certificate-authority": "/ca.crt" } }),
      "KubeconfigNotSelfContained",
      /certificate-authority/,
    ],
    [
      "a proxy",
      config(token, { cluster: { "proxy-url": "http://proxy" } }),
      "KubeconfigNotSelfContained",
      /proxy-url/,
    ],
    [
      "files of a certificate",
      config({ "client-certificate": "c.crt", "client-key": "c.key" }),
      "KubeconfigNotSelfContained",
      /client-certificate, client-key/,
    ],
    ["a file of a token", config({ tokenFile: "/token" }), "KubeconfigNotSelfContained", /tokenFile/],
    ["a password", config({ username: "u", password: planted }), "KubeconfigNotSelfContained", /username/],
    [
      "a context that is not there",
      config(token, { top: { "current-context": "gone" } }),
      "KubeconfigInvalid",
      /gone/,
    ],
    [
      "no current context",
      config(token, { top: { "current-context": "" } }),
      "KubeconfigInvalid",
      /current-context/,
    ],
    [
      "a cluster that is not there",
      config(token, { top: { "current-context": "other" } }),
      "KubeconfigInvalid",
      /other/,
    ],
    ["no users", config(token, { top: { users: undefined } }), "KubeconfigInvalid", /users/],
    ["two documents", `${config(token)}\n---\n${config(token)}`, "KubeconfigInvalid", /YAML/],
    ["base64 of one", base64(config(token)), "KubeconfigInvalid", /the whole/],
    ["a list", "- a\n- b", "KubeconfigInvalid", /./],
    ["broken YAML", `users: [{user: {token: ${planted}`, "KubeconfigInvalid", /YAML/],
  ])("%s", (_what, content, code, told) => {
    const failure = refusal(content);
    expect(failure.code).toBe(code);
    expect(failure.message).toMatch(told);
    expect(failure.remedy).toBeTruthy();
    expect(`${failure.message} ${failure.remedy} ${failure.details.join()}`).not.toContain(planted);
  });

  test("a bomb of aliases is given up at once", () => {
    const levels = "bcdefghij".split("");
    const folded = levels.map((key, index) => `${key}: &${key} [${Array(9).fill(`*${"abcdefghi"[index]}`)}]`);
    expect(refusal(["a: &a [x, x]", ...folded].join("\n")).code).toBe("KubeconfigInvalid");
  });

  test("inherited names are no contexts", () => {
    for (const name of ["__proto__", "constructor", "toString"]) {
      expect(refusal(config({ token: planted }, { top: { "current-context": name } })).code).toBe(
        "KubeconfigInvalid",
      );
    }
  });

  test("whatever stands in it is taken or refused by a Failure that does not repeat it", () => {
    const marks = fc.string({
      unit: fc.constantFrom("a", ":", " ", "\n", "-", "*", "&", "!", "[", "{", "|", "<<"),
    });
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.string({ unit: anyCharacter }), fc.json(), marks), (content) => {
        const failure = refusal(`${content}\n# ${planted}`);
        expect(failure.code).toMatch(/^Kubeconfig/);
        expect(failure.message).not.toContain(planted);
      }),
    );
  });
});
