import type { JsonObject } from "../json.ts";

/** Labels of nodes that the extension's pods and its workloads must have (extension 2a). */
const NODE_SELECTOR = "nodeSelector.";

/**
 * The settings of an extension as Helm takes them: keys count as they are spelled, booleans are compared without case
 * (extension 1b), and whatever the chart doesn't know is passed through silently (extension 2b).
 */
export class ExtensionSettings {
  readonly plain: JsonObject;
  readonly #hidden: JsonObject;

  constructor(plain: JsonObject, hidden: JsonObject) {
    this.plain = plain;
    this.#hidden = hidden;
  }

  text(key: string): string | undefined {
    return textOf(this.plain, key);
  }

  secret(key: string): string | undefined {
    return textOf(this.#hidden, key);
  }

  /** Among the plain or the protected ones: Helm sees no difference. */
  has(key: string): boolean {
    return this.text(key) !== undefined || this.secret(key) !== undefined;
  }

  on(key: string, otherwise = false): boolean {
    return this.text(key)?.toLowerCase() === "true" || (this.text(key) === undefined && otherwise);
  }

  is(key: string, value: string): boolean {
    return this.text(key)?.toLowerCase() === value.toLowerCase();
  }

  /** The labels of `nodeSelector.`; dots in them are escaped for Helm. */
  nodeSelector(): [label: string, value: string][] {
    return Object.keys(this.plain)
      .filter((key) => key.startsWith(NODE_SELECTOR))
      .map((key) => [key.slice(NODE_SELECTOR.length).replaceAll("\\", ""), this.text(key) ?? ""]);
  }
}

function textOf(settings: JsonObject, key: string): string | undefined {
  const value = settings[key];
  return typeof value === "string" && value !== "" ? value : undefined;
}
