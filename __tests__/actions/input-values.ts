import fc from "fast-check";
import { formatResourceId, resourceTypes } from "../../src/model/resource-id.ts";
import { anyCharacter } from "../support/any-character.ts";
import { tlsPair } from "../support/tls-pair.ts";

/** Values of one input, as a person may write them. */
export interface InputValues {
  readonly valid: fc.Arbitrary<string>;
  /** Written, and not acceptable whatever the other inputs are. */
  readonly invalid: fc.Arbitrary<string>;
  /** What the problem must say is accepted. */
  readonly accepted: RegExp;
  /** The inputs beside which the value stands; they take the place of those of the base. */
  readonly beside?: Readonly<Record<string, string>>;
  /** Its value is shown in no message. */
  readonly hidden?: true;
}

const junk = fc
  .oneof(
    fc.string({ minLength: 1 }),
    fc.string({ unit: anyCharacter, minLength: 1 }),
    fc.string({ minLength: 101, maxLength: 300 }),
    fc.constantFrom('"quoted"', "a\nb", "::error::x", "<b>", "null", "undefined", "__proto__", "constructor"),
  )
  .map((text) => text.trim())
  // What looks like a secret is not shown as it was given.
  .filter((text) => text !== "" && !/[?&]\w+=|eyJ|bearer|(key|password|signature)=/i.test(text));
const characters = (of: string, minLength: number, maxLength: number) =>
  fc.string({ unit: fc.constantFrom(...of), minLength, maxLength });
const lower = "abcdefghijklmnopqrstuvwxyz";
const letters = lower + lower.toUpperCase();
const digits = "0123456789";
/** One character that stands in no name, anywhere in an otherwise good one. */
const spoilt = (good: fc.Arbitrary<string>) =>
  fc
    .tuple(good, fc.constantFrom("/", "?", "#", "%", "$", "!", "@", "\\", "€", "☃"), fc.nat(100))
    .map(
      ([text, bad, at]) => text.slice(0, at % (text.length + 1)) + bad + text.slice(at % (text.length + 1)),
    );
/** Everything that a kubeconfig needs, in JSON, which is YAML as well. */
const kubeconfig = JSON.stringify({
  apiVersion: "v1",
  kind: "Config",
  clusters: [{ name: "c", cluster: { server: "https://c.example:443" } }],
  contexts: [{ name: "x", context: { cluster: "c", user: "u" } }],
  "current-context": "x",
  users: [{ name: "u", user: { token: "planted-token-0123456789" } }],
});
const notOneOf = (...words: string[]) => junk.filter((text) => !words.includes(text));
const words = (...list: string[]) => ({
  valid: fc.constantFrom(...list),
  invalid: fc.oneof(
    notOneOf(...list),
    fc.constantFrom(...list.map((word) => `${word}x`), ...list.map((word) => `${word}, ${word}`)),
  ),
  accepted: new RegExp(list.join(", ")),
});
const flag = {
  valid: fc.constantFrom("true", "false", "True", "FALSE"),
  invalid: fc.oneof(
    junk.filter((text) => !/^(true|false)$/i.test(text)),
    fc.constantFrom("yes", "no", "1", "0", "on", "off"),
  ),
  accepted: /true, false/,
};
const uuid = {
  valid: fc.oneof(
    fc.uuid(),
    fc.uuid().map((id) => id.toUpperCase()),
  ),
  invalid: fc.oneof(
    junk,
    fc.uuid().map((id) => `{${id}}`),
    fc.uuid().map((id) => id.slice(1)),
    fc.uuid().map((id) => `${id}0`),
    fc.uuid().map((id) => id.replaceAll("-", "")),
    fc.uuid().map((id) => `${id} ${id}`),
  ),
  accepted: /a UUID/,
};

const groupName = fc
  .tuple(characters(`${letters}${digits}-_().`, 0, 89), characters(`${letters}${digits}-_()`, 1, 1))
  .map(([start, end]) => start + end);
const group: InputValues = {
  valid: groupName,
  invalid: fc.oneof(
    spoilt(groupName),
    characters(letters, 91, 200),
    fc.constantFrom("rg 1", "rg/1", "rg\n1", ".", ".."),
  ),
  accepted: /1 to 90 letters/,
};

const clusterName = fc
  .tuple(
    characters(letters + digits, 1, 1),
    characters(`${letters}${digits}-_`, 0, 61),
    characters(letters + digits, 1, 1),
  )
  .map((parts) => parts.join(""));
const computeName = fc
  .tuple(
    characters(letters, 1, 1),
    characters(`${letters}${digits}-`, 1, 22),
    characters(letters + digits, 1, 1),
  )
  .map((parts) => parts.join(""));
const namespace = fc
  .tuple(
    characters(lower + digits, 1, 1),
    characters(`${lower}${digits}-`, 0, 61),
    characters(lower + digits, 1, 1),
  )
  .map((parts) => parts.join(""));

const idOf = (...types: string[]) =>
  fc
    .record({
      subscriptionId: fc.uuid(),
      resourceGroup: groupName,
      type: fc.constantFrom(...types),
      name: clusterName,
    })
    .map(formatResourceId);
const notIdOf = (...types: string[]) => {
  const others = Object.values(resourceTypes).filter((type) => !types.includes(type));
  return fc.oneof(
    junk,
    idOf(...others),
    idOf(...types).map((id) => id.slice(1)),
    idOf(...types).map((id) => `${id}/`),
    idOf(...types).map((id) => `${id}/agentPools/one`),
    idOf(...types).map((id) => `${id}?api-version=1`),
    idOf(...types).map((id) => `https://management.azure.com${id}`),
    idOf(...types).map((id) => id.replace(/resourceGroups\/[^/]+/, "resourceGroups/..")),
  );
};
const clusterId = idOf(resourceTypes.aks, resourceTypes.arc);
const identityId = idOf(resourceTypes.identity);
const notIdentity = notIdOf(resourceTypes.identity).filter((text) => !/^[\s,]*$/.test(text));

const environment: InputValues = {
  valid: fc.oneof(
    fc.constantFrom("AzureCloud", "AzureUSGovernment", "AzureChinaCloud"),
    fc.constantFrom("https://management.local.azurestack.external", "https://127.0.0.1:8443/"),
    fc.constantFrom("http://127.0.0.1:8080", "http://localhost", "http://[::1]:5000/"),
    fc.domain().map((host) => `https://${host}`),
  ),
  invalid: fc.oneof(
    notOneOf("AzureCloud", "AzureUSGovernment", "AzureChinaCloud").filter((text) => !URL.canParse(text)),
    fc.domain().map((host) => `http://${host}`),
    fc.domain().map((host) => `https://${host}/tenant`),
    fc.domain().map((host) => `https://${host}/?x=1`),
    fc.domain().map((host) => `https://${host}/#x`),
    fc.domain().map((host) => `https://user:planted@${host}`),
    fc.domain().map((host) => `ftp://${host}`),
    fc.constantFrom(
      "azurecloud",
      "AzureGermanCloud",
      "http://127.0.0.1.evil.test",
      "http://localhost.evil.test",
    ),
    fc.constantFrom("http://10.0.0.1", "http://0.0.0.0", "http://2130706434", "file:///etc/passwd"),
  ),
  accepted: /AzureCloud, AzureUSGovernment, AzureChinaCloud, or the https URL/,
};

const duration: InputValues = {
  valid: fc.oneof(
    fc.integer({ min: 1, max: 86_400 }).map((seconds) => `${seconds}s`),
    fc.integer({ min: 1, max: 1_440 }).map((minutes) => `${minutes}m`),
    fc.constantFrom("24h", "1h30m", "1h1m1s", "23h59m60s"),
  ),
  invalid: fc.oneof(
    junk.filter((text) => !/^[\dhms]+$/.test(text)),
    fc.integer({ min: 25, max: 1_000_000 }).map((hours) => `${hours}h`),
    fc.constantFrom("0s", "0h0m0s", "24h1s", "1441m", "86401s", "30", "1.5h", "-5m", "1d", "30 m", "PT30M"),
    fc.constant(`${"9".repeat(400)}s`),
  ),
  accepted: /a duration up to 24h, like 90s, 30m or 1h30m/,
};

/** The identities stand beside their type. */
const identities: InputValues = {
  valid: fc
    .tuple(
      fc.array(identityId, { minLength: 1, maxLength: 3 }),
      fc.constantFrom("\n", ",", " ,\n", "\r\n", ", "),
    )
    .map(([ids, separator]) => ids.join(separator)),
  invalid: fc.oneof(
    notIdentity,
    fc.tuple(identityId, notIdentity).map((ids) => ids.join("\n")),
    fc.tuple(notIdentity, notIdentity).map((ids) => ids.join("\n")),
    fc.constantFrom(",", ",\n,"),
  ),
  accepted: /userAssignedIdentities|resource ids where/,
  beside: { "identity-type": "user_assigned" },
};

/** A cluster that is named, in the place of one that is given by its id. */
const named = { "cluster-resource-id": "", "cluster-name": "aks1", "cluster-resource-group": "rg1" };

/** Inputs of every action. */
const common: Record<string, InputValues> = {
  "client-id": { ...uuid, beside: { "tenant-id": "11111111-1111-4111-8111-111111111111" } },
  "tenant-id": uuid,
  "azure-environment": environment,
  "subscription-id": uuid,
  "resource-group": group,
  "workspace-name": {
    valid: fc
      .tuple(characters(letters + digits, 1, 1), characters(`${letters}${digits}-_`, 2, 32))
      .map((parts) => parts.join("")),
    invalid: fc.oneof(
      spoilt(characters(letters, 3, 33)),
      characters(letters, 1, 2),
      characters(letters, 34, 150),
      characters(letters, 3, 20).map((name) => `_${name}`),
      characters(letters, 3, 20).map((name) => `-${name}`),
    ),
    accepted: /3 to 33 letters/,
  },
  "compute-name": {
    valid: computeName,
    invalid: fc.oneof(
      spoilt(computeName),
      characters(letters, 1, 2),
      characters(letters, 25, 150),
      computeName.map((name) => `9${name.slice(0, 22)}`),
      computeName.map((name) => `-${name.slice(0, 22)}`),
      computeName.map((name) => `${name.slice(0, 22)}-`),
      computeName.map((name) => name.replace(/^(.)./, "$1_")),
    ),
    accepted: /3 to 24 letters, digits and dashes/,
  },
  "dry-run": flag,
  preflight: words("enforce", "warn", "off"),
  timeout: duration,
  wait: flag,
};

const pem = await tlsPair();

/** Inputs of a legacy AKS compute. */
const aks = { "compute-type": "aks" };
const ownTls = { ...aks, "ssl-cert-pem": pem.certificate, "ssl-key-pem": pem.key, "ssl-cname": pem.cname };
const label = fc
  .tuple(
    characters(letters, 1, 1),
    characters(`${letters}${digits}-`, 0, 50),
    characters(letters + digits, 1, 1),
  )
  .map((parts) => parts.join(""));
const subnet = fc
  .tuple(characters(letters + digits, 1, 1), characters(`${letters}${digits}-_.`, 0, 78))
  .map(([start, end]) => `${start}${end}a`);
const legacy: Record<string, InputValues> = {
  "cluster-purpose": {
    valid: fc.constantFrom("FastProd", "DenseProd", "DevTest", "DEV_TEST", "fast-prod", "Production"),
    invalid: fc.oneof(
      junk.filter((text) => !/^(fast|dense)?[-_ ]*prod/i.test(text)),
      fc.constantFrom("Test", "Prod", "FastProdx", "FastProd, DevTest"),
    ),
    accepted: /FastProd, DenseProd, DevTest/,
    beside: aks,
  },
  "load-balancer-type": { ...words("PublicIp", "InternalLoadBalancer"), beside: aks },
  "load-balancer-subnet": {
    valid: subnet,
    invalid: fc.oneof(
      spoilt(subnet),
      characters(letters, 81, 150),
      subnet.map((name) => `-${name.slice(0, 70)}`),
      subnet.map((name) => `${name.slice(0, 70)}.`),
    ),
    accepted: /the name of a subnet: 1 to 80/,
    beside: { ...aks, "load-balancer-type": "InternalLoadBalancer" },
  },
  "ssl-cert-pem": {
    valid: fc.constantFrom(pem.certificate, pem.certificate.replaceAll("\n", "\r\n"), "cert.pem"),
    invalid: junk.map((text) => `missing/${text}`),
    accepted: /PEM text, its base64, or the path/,
    beside: ownTls,
    hidden: true,
  },
  "ssl-key-pem": {
    valid: fc.constantFrom(pem.key, Buffer.from(pem.key).toString("base64"), "key.pem"),
    invalid: junk.map((text) => `lost/${text}`),
    accepted: /PEM text, its base64, or the path/,
    beside: ownTls,
    hidden: true,
  },
  "ssl-cname": {
    valid: fc.constantFrom(pem.cname, pem.cname.toUpperCase()),
    invalid: fc.oneof(
      spoilt(fc.constant(pem.cname)),
      fc.constantFrom(
        "*.contoso.com",
        "contoso",
        "10.0.0.4",
        "a..b",
        "-a.com",
        "https://a.com",
        "a b.com",
        "a_b.com",
      ),
    ),
    accepted: /a host name like/,
    beside: ownTls,
  },
  "ssl-leaf-domain-label": {
    valid: label,
    invalid: fc.oneof(
      spoilt(label),
      characters(letters, 58, 150),
      label.map((text) => `9${text}`),
      label.map((text) => `${text}-`),
      label.map((text) => `${text}.com`),
    ),
    accepted: /1 to 57 letters, digits and dashes/,
    beside: aks,
  },
  "ssl-overwrite-existing-domain": { ...flag, beside: { ...aks, "ssl-leaf-domain-label": "contoso" } },
};

/** Files that a host in memory has. */
export const files = {
  "cert.pem": pem.certificate,
  "key.pem": pem.key,
  "good.yml": "name: gpu\nnamespace: team-a\n",
  "unknown-key.yml": "nme: gpu\n",
  "wrong-type.yml": "name: [gpu]\n",
  "broken.yml": "name: {gpu\n",
} as const;

/** What is written for each input of each action: one entry for every input of its action.yml. */
export const inputValues: Readonly<Record<"attach" | "detach", Readonly<Record<string, InputValues>>>> = {
  attach: {
    ...common,
    "compute-type": words("kubernetes", "aks"),
    "cluster-resource-id": {
      valid: clusterId,
      invalid: notIdOf(resourceTypes.aks, resourceTypes.arc),
      accepted: /managedClusters.*connectedClusters/,
    },
    "cluster-name": {
      valid: clusterName,
      invalid: fc.oneof(
        spoilt(clusterName),
        characters(letters, 64, 150),
        clusterName.map((name) => `-${name.slice(0, 60)}`),
        clusterName.map((name) => `${name.slice(0, 60)}_`),
      ),
      accepted: /1 to 63 letters, digits, dashes and underscores/,
      beside: named,
    },
    "cluster-resource-group": { ...group, beside: named },
    "cluster-type": { ...words("managedClusters", "connectedClusters"), beside: named },
    namespace: {
      valid: namespace,
      invalid: fc.oneof(
        spoilt(namespace),
        characters(lower, 64, 150),
        namespace.map((name) => `-${name.slice(0, 60)}`),
        namespace.map((name) => `${name.slice(0, 60)}-`),
        namespace.map((name) => `A${name.slice(0, 60)}`),
        fc.constantFrom("Team_A", "team.a", "team a"),
      ),
      accepted: /a Kubernetes namespace: 1 to 63 lower-case letters/,
    },
    "identity-type": {
      ...words("none", "system_assigned", "user_assigned"),
      valid: fc.constantFrom("none", "system_assigned"),
    },
    "user-assigned-identities": identities,
    file: {
      valid: fc.constant("good.yml"),
      invalid: fc.oneof(
        junk.map((text) => `missing/${text}`),
        fc.constantFrom("missing.yml", "../", "/"),
      ),
      accepted: /the path of a file that can be read/,
    },
    "on-difference": words("fail", "replace"),
    kubeconfig: { valid: fc.constant(kubeconfig), invalid: junk, accepted: /kubeconfig/i, hidden: true },
    journal: words("cluster", "none"),
    resume: words("auto", "discard"),
    "if-locked": words("wait", "fail"),
    ...legacy,
  },
  detach: { ...common, "allow-created": flag },
};
