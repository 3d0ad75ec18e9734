import {
  columnFilteringFeature,
  constructTable,
  createColumnHelper,
  createFilteredRowModel,
  createSortedRowModel,
  rowSortingFeature,
  sortFn_alphanumeric,
  sortFn_basic,
  tableFeatures,
} from "@tanstack/table-core";
import { storeReactivityBindings } from "@tanstack/table-core/store-reactivity-bindings";
import { type Fleet, type FleetCluster, letters, type Standing } from "../src/model/fleet.ts";

/** What the reader of the page asks to see; what is empty asks for nothing. */
export interface Wish {
  /** Words that must all be there, anywhere. */
  readonly text: string;
  readonly standing: Standing | "";
  readonly subscription: string;
  readonly region: string;
  /** A check that did not pass. */
  readonly check: string;
}

/** A column, and which way it is sorted. */
export interface Order {
  readonly column: string;
  readonly descending: boolean;
}

/** A column of what is known of a cluster. */
export interface Column {
  readonly id: string;
  readonly title: string;
  readonly text: (cluster: FleetCluster) => string;
}

export const nothingAsked: Wish = { text: "", standing: "", subscription: "", region: "", check: "" };

/** The words of a standing and of a check's result. */
export const words = {
  pass: "Pass",
  warn: "Warning",
  fail: "Fail",
  unknown: "Unknown",
} as const satisfies Record<Standing, string>;

/** The same by its letter; a check that was not made has none. */
export function wordOf(letter: string): string {
  const found = Object.entries(letters).find(([, one]) => one === letter);
  return found ? words[found[0] as Standing] : "Not checked";
}

/** What is known of a cluster beside its checks. */
export const columns: readonly Column[] = [
  { id: "cluster", title: "Cluster", text: ({ name }) => name },
  { id: "standing", title: "Verdict", text: ({ standing }) => words[standing] },
  { id: "kind", title: "Kind", text: ({ kind }) => kind },
  { id: "region", title: "Region", text: ({ region }) => region },
  { id: "extension", title: "Extension", text: ({ extensionVersion }) => extensionVersion ?? "" },
  { id: "kubernetes", title: "Kubernetes", text: ({ kubernetesVersion }) => kubernetesVersion ?? "" },
  {
    id: "certificate",
    title: "Certificate ends",
    text: ({ certificateEnds }) => certificateEnds?.slice(0, 10) ?? "",
  },
  {
    id: "compute",
    title: "Compute",
    text: ({ workspace, compute }) => [workspace, compute].filter(Boolean).join(" / "),
  },
  { id: "resourceGroup", title: "Resource group", text: ({ resourceGroup }) => resourceGroup },
  { id: "subscription", title: "Subscription", text: ({ subscription }) => subscription },
];

/** Worst first. */
const ranks = "fwup-";

const features = tableFeatures({
  coreReactivityFeature: storeReactivityBindings(),
  columnFilteringFeature,
  filteredRowModel: createFilteredRowModel(),
  rowSortingFeature,
  sortedRowModel: createSortedRowModel(),
  sortFns: { alphanumeric: sortFn_alphanumeric, basic: sortFn_basic },
});
const helper = createColumnHelper<typeof features, FleetCluster>();

/** The clusters of a fleet, filtered and sorted. */
export interface FleetTable {
  /** The worst first, until something else is asked. */
  readonly order: () => Order;
  sort(column: string): void;
  filter(wish: Wish): void;
  readonly clusters: () => readonly FleetCluster[];
}

/** A table of a fleet. */
export function fleetTable(fleet: Fleet): FleetTable {
  const table = constructTable({
    features,
    columns: helper.columns([
      ...columns.filter(({ id }) => id !== "standing").map(textColumn),
      helper.accessor(({ standing }) => ranks.indexOf(letters[standing]), {
        id: "standing",
        sortFn: "basic",
      }),
      ...fleet.checks.map(({ id }, index) =>
        helper.accessor(({ results }) => ranks.indexOf(results.charAt(index)), {
          id: checkColumn(id),
          sortFn: "basic",
        }),
      ),
      helper.accessor((cluster) => cluster, {
        id: "wish",
        filterFn: (row, _column, asked: (cluster: FleetCluster) => boolean) => asked(row.original),
      }),
    ]),
    data: [...fleet.clusters],
    getRowId: ({ key }) => key,
    enableSortingRemoval: false,
    initialState: { sorting: sorting({ column: "standing", descending: false }) },
  });
  return {
    order: () => {
      const [first] = table.atoms.sorting.get();
      return { column: first?.id ?? "", descending: first?.desc ?? false };
    },
    sort: (column) => {
      const [now] = table.atoms.sorting.get();
      table.setSorting(sorting({ column, descending: now?.id === column && !now.desc }));
    },
    filter: (wish) => table.setColumnFilters([{ id: "wish", value: asked(fleet, wish) }]),
    clusters: () => table.getRowModel().rows.map(({ original }) => original),
  };
}

/** The id of a check's column. */
export function checkColumn(check: string): string {
  return `check ${check}`;
}

function textColumn({ id, text }: Column) {
  const accessor = (cluster: FleetCluster) => text(cluster) || undefined;
  return helper.accessor(accessor, { id, sortFn: "alphanumeric", sortUndefined: "last" });
}

/** Clusters that are equal otherwise are in the order of their names. */
function sorting({ column, descending }: Order) {
  const asked = { id: column, desc: descending };
  return column === "cluster" ? [asked] : [asked, { id: "cluster", desc: false }];
}

/** Whether a cluster is one of those that were asked for. */
function asked(fleet: Fleet, wish: Wish): (cluster: FleetCluster) => boolean {
  const parts = wish.text.toLowerCase().split(/\s+/).filter(Boolean);
  const check = fleet.checks.findIndex(({ id }) => id === wish.check);
  return (cluster) =>
    (wish.standing === "" || cluster.standing === wish.standing) &&
    (wish.subscription === "" || cluster.subscription === wish.subscription) &&
    (wish.region === "" || cluster.region === wish.region) &&
    (check < 0 || "fwu".includes(cluster.results.charAt(check) || "-")) &&
    parts.every((part) => textOf(cluster).includes(part));
}

const texts = new WeakMap<FleetCluster, string>();

/** All words of a cluster, in small letters. */
function textOf(cluster: FleetCluster): string {
  const known = texts.get(cluster);
  if (known !== undefined) return known;
  const cells = columns.map(({ text }) => text(cluster));
  const found = cluster.findings.map(({ check, text }) => `${check} ${text}`);
  const failed = cluster.errors.map(({ code, message }) => `${code} ${message}`);
  const all = [...cells, cluster.clusterId ?? "", ...found, ...failed].join(" ").toLowerCase();
  texts.set(cluster, all);
  return all;
}

/** The values of a column that one can choose, in their order, with how many clusters have them. */
export function choices(
  fleet: Fleet,
  of: (cluster: FleetCluster) => string,
): readonly { readonly value: string; readonly count: number }[] {
  const counts = new Map<string, number>();
  for (const cluster of fleet.clusters) counts.set(of(cluster), (counts.get(of(cluster)) ?? 0) + 1);
  counts.delete("");
  const all = [...counts].map(([value, count]) => ({ value, count }));
  return all.sort((one, other) => (one.value < other.value ? -1 : 1));
}

/** The places of the checks that found something, of those clusters. */
export function telling(fleet: Fleet, clusters: readonly FleetCluster[]): readonly number[] {
  return fleet.checks.flatMap((_check, index) =>
    clusters.some(({ results }) => "fwu".includes(results.charAt(index) || "-")) ? [index] : [],
  );
}
