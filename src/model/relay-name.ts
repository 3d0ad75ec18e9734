import { createHash } from "node:crypto";
import type { ResourceId } from "./resource-id.ts";

/** Longest name that the CLI gives a Relay namespace, and how many letters of a longer one are a checksum. */
const longest = 50;
const checksum = 6;

/**
 * The name of the Relay namespace beside a cluster (extension.md 1d). It is the CLI's own rule, so that a Relay
 * that the CLI made is found. The checksum is over the names as they are spelled: another case is another name.
 */
export function relayNamespaceName(cluster: ResourceId): string {
  const full = `${cluster.name}-${cluster.subscriptionId}-${cluster.resourceGroup}-relay`;
  const letters = [...full].filter((letter) => /[\p{L}\p{N}]/u.test(letter));
  if (letters.length <= longest) return letters.join("");
  const digest = createHash("md5").update(full, "utf8").digest("hex");
  return letters.slice(0, longest - checksum).join("") + digest.slice(0, checksum);
}
