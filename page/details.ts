import type { Fleet, FleetCluster } from "../src/model/fleet.ts";
import { byId, element, linkTo } from "./dom.ts";
import type { Chosen } from "./grid.ts";
import { columns, wordOf } from "./table.ts";

/** The panel that tells all of a cluster, or of one of its checks. */
export class Details {
  readonly #panel = byId("details", HTMLElement);
  readonly #fleet: Fleet;

  /** @param left where the focus goes when the panel is closed */
  constructor(fleet: Fleet, left: () => void) {
    this.#fleet = fleet;
    const close = () => {
      this.#panel.hidden = true;
      left();
    };
    this.#panel.addEventListener("keydown", ({ key }) => key === "Escape" && close());
    this.#panel.addEventListener("click", ({ target }) => {
      if (target instanceof HTMLButtonElement) close();
    });
  }

  /** Shows what was chosen, and takes the focus there. */
  show({ cluster, check }: Chosen): void {
    const known = check === undefined ? undefined : this.#fleet.checks[check];
    const found = cluster.findings.filter((finding) => !known || finding.check === known.id);
    this.#panel.replaceChildren(
      element("button", { type: "button", class: "close", "aria-label": "Close the details" }, "✕"),
      element("h2", { id: "details-title" }, known ? `${cluster.name}: ${known.id}` : cluster.name),
      ...(check === undefined || !known
        ? [facts(cluster)]
        : [element("p", {}, `${wordOf(cluster.results.charAt(check))}. About: ${known.subject}.`)]),
      ...(known ? [] : errors(cluster)),
      ...findings(found),
      ...(known ? [] : past(this.#fleet, cluster)),
    );
    this.#panel.hidden = false;
    this.#panel.focus();
  }
}

function facts(cluster: FleetCluster): Node {
  const rows = columns.slice(1).map(({ title, text }) => [title, text(cluster)]);
  const more = [
    ["Latest extension", cluster.latestVersion ?? ""],
    ["Looked at", time(cluster.lookedAt)],
    ["Resource id", cluster.clusterId ?? ""],
  ];
  const known = [...rows, ...more].filter(([, value]) => value);
  return element(
    "dl",
    {},
    ...known.flatMap(([title = "", value = ""]) => [element("dt", {}, title), element("dd", {}, value)]),
  );
}

function errors({ errors: all }: FleetCluster): Node[] {
  return all.map(({ action, code, message, remedy, link }) =>
    element(
      "article",
      { class: "finding error" },
      element("h3", {}, `${action} failed: ${code}`),
      element("p", {}, message),
      ...(remedy ? [element("p", {}, `What to do: ${remedy}`)] : []),
      ...(link ? [element("p", {}, linkTo(link, "Read on"))] : []),
    ),
  );
}

function findings(found: FleetCluster["findings"]): Node[] {
  if (found.length === 0) return [element("p", {}, "Nothing was found.")];
  return found.map(({ check, severity, text, remedy, link }) =>
    element(
      "article",
      { class: `finding ${severity}` },
      element("h3", {}, `${check} (${severity})`),
      element("p", {}, text),
      element("p", {}, `What to do: ${remedy}`),
      ...(link ? [element("p", {}, linkTo(link, "Read on"))] : []),
    ),
  );
}

function past({ days }: Fleet, cluster: FleetCluster): Node[] {
  if (days.length === 0) return [];
  const lines = days.map(({ day }, index) =>
    element("li", {}, `${day}: ${wordOf(cluster.past.charAt(index))}`),
  );
  return [element("h3", {}, "Before"), element("ul", { class: "past" }, ...lines.reverse())];
}

function time(iso: string): string {
  return iso.replace("T", " ").replace(/(:\d\d)\.\d+Z$/, "$1 UTC");
}
