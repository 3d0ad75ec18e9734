import { type Fleet, type FleetCluster, letters } from "../src/model/fleet.ts";
import { byId, element } from "./dom.ts";
import { checkColumn, columns, type FleetTable, telling, wordOf } from "./table.ts";

/** Pixels of a row and of the head, as the style has them. */
const heights = { row: 30, head: 165 };
/** Columns that stand before the checks; what else is known of a cluster stands after them. */
const leading = 2;
/** Rows that are there beyond those that are seen. */
const spare = 6;
const marks: Readonly<Record<string, string>> = { p: "", w: "!", f: "✕", u: "?", "-": "·" };
const tones: Readonly<Record<string, string>> = {
  p: "pass",
  w: "warn",
  f: "fail",
  u: "unknown",
  "-": "none",
};

/** A column as it is shown: of a cluster, or of a check by its place. */
type Shown = { readonly id: string; readonly title: string } & (
  | { readonly text: (cluster: FleetCluster) => string }
  | { readonly check: number }
);

/** A cell that was chosen: `check` is the place of the check, where it is one's. */
export interface Chosen {
  readonly cluster: FleetCluster;
  readonly check?: number;
}

/**
 * The clusters as rows, what is known of them and their checks as columns: table and heat map in one. It follows the
 * pattern "grid" of the ARIA Authoring Practices: one stop of the Tab key, arrows inside. Only the rows that are seen
 * are in the page, each of the same height.
 */
export class Grid {
  readonly #box = byId("grid", HTMLDivElement);
  readonly #head = element("div", { role: "row", class: "row head", "aria-rowindex": 1 });
  readonly #body = element("div", { role: "rowgroup", class: "body" });
  readonly #rows = new Map<number, HTMLElement>();
  readonly #fleet: Fleet;
  readonly #table: FleetTable;
  readonly #choose: (chosen: Chosen) => void;
  #columns: readonly Shown[] = [];
  #clusters: readonly FleetCluster[] = [];
  /** Row 0 is the head. */
  #active = { row: 0, column: 0 };
  #tellingOnly = false;

  constructor(fleet: Fleet, table: FleetTable, choose: (chosen: Chosen) => void) {
    this.#fleet = fleet;
    this.#table = table;
    this.#choose = choose;
    this.#box.setAttribute("role", "grid");
    this.#box.setAttribute("aria-label", "Clusters and their checks");
    this.#box.setAttribute("aria-readonly", "true");
    this.#box.append(element("div", { role: "rowgroup", class: "top" }, this.#head), this.#body);
    this.#box.addEventListener("scroll", () => this.#fill(), { passive: true });
    this.#box.addEventListener("keydown", (event) => this.#key(event));
    this.#box.addEventListener("click", (event) => this.#click(event));
    new ResizeObserver(() => this.#fill()).observe(this.#box);
  }

  /** Shows what the table has now; `tellingOnly` leaves out checks that all of its clusters pass. */
  show(tellingOnly = this.#tellingOnly): void {
    this.#tellingOnly = tellingOnly;
    this.#clusters = this.#table.clusters();
    this.#columns = this.#shownColumns();
    this.#active = {
      row: Math.min(this.#active.row, this.#clusters.length),
      column: Math.min(this.#active.column, this.#columns.length - 1),
    };
    const checks = this.#columns.filter((column) => "check" in column).length;
    this.#box.style.setProperty("--checks", String(checks));
    this.#box.classList.toggle("unchecked", checks === 0);
    this.#box.setAttribute("aria-rowcount", String(this.#clusters.length + 1));
    this.#box.setAttribute("aria-colcount", String(this.#columns.length));
    this.#body.style.height = `${this.#clusters.length * heights.row}px`;
    this.#showHead();
    for (const row of this.#rows.values()) row.remove();
    this.#rows.clear();
    this.#fill();
  }

  /** Goes back to the cell that was active. */
  focus(): void {
    this.#cell(this.#active)?.focus({ preventScroll: true });
  }

  #shownColumns(): readonly Shown[] {
    const { checks } = this.#fleet;
    const places = this.#tellingOnly ? telling(this.#fleet, this.#clusters) : [...checks.keys()];
    const ofChecks = places.map((check): Shown => {
      const id = checks[check]?.id ?? "";
      return { id: checkColumn(id), title: id, check };
    });
    return [...columns.slice(0, leading), ...ofChecks, ...columns.slice(leading)];
  }

  #showHead(): void {
    const order = this.#table.order();
    const cells = this.#columns.map((column, index) => {
      const sorted = order.column === column.id ? (order.descending ? "descending" : "ascending") : "none";
      return element(
        "div",
        {
          role: "columnheader",
          class: `cell ${"check" in column ? "check" : column.id}`,
          title: "check" in column ? `${column.title}: ${this.#subject(column.check)}` : undefined,
          "aria-colindex": index + 1,
          "aria-sort": sorted,
          "data-column": index,
          tabindex: this.#tabindex(0, index),
        },
        element("span", {}, column.title),
      );
    });
    this.#head.replaceChildren(...cells);
  }

  #subject(check: number): string {
    const { subject = "", source = "" } = this.#fleet.checks[check] ?? {};
    return `${subject} (${source})`;
  }

  /** Adds the rows that are seen now, and takes away those that are not; the one that has the focus stays. */
  #fill(): void {
    const { scrollTop, clientHeight } = this.#box;
    const first = Math.max(0, Math.floor(scrollTop / heights.row) - spare);
    const last = Math.min(
      this.#clusters.length - 1,
      Math.ceil((scrollTop + clientHeight - heights.head) / heights.row) + spare,
    );
    for (const [index, row] of this.#rows) {
      const isActive = index === this.#active.row - 1;
      if ((index < first || index > last) && !isActive) {
        row.remove();
        this.#rows.delete(index);
      }
    }
    const added = new DocumentFragment();
    for (let index = first; index <= last; index += 1) this.#addRow(index, added);
    this.#body.append(added);
  }

  #addRow(index: number, to: ParentNode): void {
    const cluster = this.#clusters[index];
    if (!cluster || this.#rows.has(index)) return;
    const cells = this.#columns.map((column, place) => this.#newCell(cluster, column, index + 1, place));
    const row = element(
      "div",
      { role: "row", class: "row", "aria-rowindex": index + 2, "data-row": index + 1 },
      ...cells,
    );
    row.style.top = `${index * heights.row}px`;
    this.#rows.set(index, row);
    to.append(row);
  }

  #newCell(cluster: FleetCluster, column: Shown, row: number, place: number): HTMLElement {
    const common = {
      role: place === 0 ? "rowheader" : "gridcell",
      "aria-colindex": place + 1,
      "data-column": place,
      tabindex: this.#tabindex(row, place),
    };
    if ("check" in column) {
      const letter = cluster.results.charAt(column.check) || "-";
      const label = `${column.title}: ${wordOf(letter)}`;
      const look = { class: `cell check ${tones[letter]}`, title: label, "aria-label": label };
      return element("div", { ...common, ...look }, marks[letter] ?? "");
    }
    const text = column.text(cluster);
    const tone = column.id === "standing" ? ` ${tones[letters[cluster.standing]]}` : "";
    return element("div", { ...common, class: `cell ${column.id}${tone}`, title: text || undefined }, text);
  }

  #tabindex(row: number, column: number): number {
    return this.#active.row === row && this.#active.column === column ? 0 : -1;
  }

  #cell({ row, column }: { row: number; column: number }): HTMLElement | null {
    const line = row === 0 ? this.#head : this.#rows.get(row - 1);
    return line?.querySelector<HTMLElement>(`[data-column="${column}"]`) ?? null;
  }

  #key(event: KeyboardEvent): void {
    if (event.altKey || event.metaKey) return;
    const { row, column } = this.#active;
    const [lastRow, lastColumn] = [this.#clusters.length, this.#columns.length - 1];
    const page = Math.max(1, Math.floor((this.#box.clientHeight - heights.head) / heights.row) - 1);
    const to: Readonly<Record<string, { row: number; column: number }>> = {
      ArrowDown: { row: row + 1, column },
      ArrowUp: { row: row - 1, column },
      ArrowRight: { row, column: column + 1 },
      ArrowLeft: { row, column: column - 1 },
      PageDown: { row: row + page, column },
      PageUp: { row: row - page, column },
      Home: { row: event.ctrlKey ? 0 : row, column: 0 },
      End: { row: event.ctrlKey ? lastRow : row, column: lastColumn },
    };
    const wanted = to[event.key];
    if (wanted) {
      event.preventDefault();
      this.#goTo({
        row: Math.min(Math.max(wanted.row, 0), lastRow),
        column: Math.min(Math.max(wanted.column, 0), lastColumn),
      });
    } else if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      this.#act();
    }
  }

  #click({ target }: MouseEvent): void {
    const cell = target instanceof Element ? target.closest<HTMLElement>("[data-column]") : null;
    const row = cell?.closest<HTMLElement>("[data-row]")?.dataset["row"] ?? "0";
    if (!cell) return;
    this.#goTo({ row: Number(row), column: Number(cell.dataset["column"]) });
    this.#act();
  }

  #goTo(to: { row: number; column: number }): void {
    this.#cell(this.#active)?.setAttribute("tabindex", "-1");
    this.#active = to;
    if (to.row > 0) this.#scrollTo(to.row - 1);
    this.#fill();
    const cell = this.#cell(to);
    cell?.setAttribute("tabindex", "0");
    cell?.focus({ preventScroll: true });
    if (cell) this.#scrollAside(cell, to.column);
  }

  #scrollTo(index: number): void {
    const top = index * heights.row;
    const seen = this.#box.clientHeight - heights.head - heights.row;
    if (top < this.#box.scrollTop) this.#box.scrollTop = top;
    else if (top > this.#box.scrollTop + seen) this.#box.scrollTop = top - seen;
  }

  /** The first column stays where it is, and must hide no cell that is active. */
  #scrollAside(cell: HTMLElement, column: number): void {
    if (column === 0) return;
    const fixed = this.#cell({ row: 0, column: 0 })?.offsetWidth ?? 0;
    const [left, right] = [cell.offsetLeft - fixed, cell.offsetLeft + cell.offsetWidth];
    if (left < this.#box.scrollLeft) this.#box.scrollLeft = left;
    else if (right > this.#box.scrollLeft + this.#box.clientWidth) {
      this.#box.scrollLeft = right - this.#box.clientWidth;
    }
  }

  #act(): void {
    const { row, column } = this.#active;
    const shown = this.#columns[column];
    const cluster = this.#clusters[row - 1];
    if (row === 0 && shown) {
      this.#table.sort(shown.id);
      this.show();
      this.focus();
    } else if (cluster && shown) {
      this.#choose("check" in shown ? { cluster, check: shown.check } : { cluster });
    }
  }
}
