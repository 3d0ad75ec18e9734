import type { Reply } from "../http.ts";
import type { JsonObject } from "../json.ts";
import type { ApiCall } from "./api.ts";
import type { Change } from "./objects.ts";
import { numberOf } from "./reading.ts";
import { selector } from "./selectors.ts";
import { badRequest, expired } from "./status.ts";

/** How long a watch lasts that names no end; the real server picks something between 30 and 60 minutes. */
const DEFAULT_SECONDS = 30 * 60;

/**
 * A watch: what is there as ADDED (unless it starts from a version), then what changes until its time is up
 * (Kubernetes documentation, "Efficient detection of changes").
 */
export function watchObjects(call: ApiCall): Reply {
  const { cluster, type, namespace, query } = call;
  const fits = selector(type, query);
  const given = query.get("resourceVersion") ?? "0";
  if (!/^\d*$/.test(given)) throw badRequest(`Invalid value: "${given}": strconv.ParseUint: invalid syntax`);
  const from = Number(given);
  const headers = { "content-type": "application/json" };
  if (from > 0 && from < cluster.objects.oldest) {
    const { status } = expired(`too old resource version: ${from} (${cluster.objects.oldest})`);
    return { status: 200, headers, text: line("ERROR", status) };
  }
  const seen = from || cluster.objects.version;
  const present = from > 0 ? [] : cluster.objects.list(type, namespace).filter(fits);
  const text = present.map((object) => line("ADDED", object)).join("");
  return { status: 200, headers, text, more: changes(call, fits, seen) };
}

async function* changes(
  call: ApiCall,
  fits: (object: JsonObject) => boolean,
  from: number,
): AsyncGenerator<string> {
  const { world, cluster, type, namespace, query } = call;
  const seconds = numberOf(query, "timeoutSeconds") || DEFAULT_SECONDS;
  let seen = from;
  for (let second = 0; ; second += 1) {
    const news = world.clusters.current(cluster.id).objects.since(type, namespace, seen);
    for (const change of news) {
      seen = change.version;
      const told = asSelected(change, fits);
      if (told) yield line(told, change.object);
    }
    if (second >= seconds) return;
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
}

/** What has come to fit no longer is told as deleted (a real server also knows what has come to fit). */
function asSelected(
  { type, object }: Change,
  fits: (object: JsonObject) => boolean,
): Change["type"] | undefined {
  if (fits(object)) return type;
  return type === "MODIFIED" ? "DELETED" : undefined;
}

function line(type: string, object: JsonObject): string {
  return `${JSON.stringify({ type, object })}\n`;
}
