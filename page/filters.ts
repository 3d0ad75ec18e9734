import type { Fleet, Standing } from "../src/model/fleet.ts";
import { byId, element } from "./dom.ts";
import { choices, nothingAsked, type Wish, words } from "./table.ts";

const standings = ["fail", "warn", "unknown", "pass"] as const;

/** What the reader asks to see. */
export class Filters {
  readonly #form = byId("filters", HTMLFormElement);
  readonly #tiles = byId("tiles", HTMLFieldSetElement);
  readonly #ask: (wish: Wish, tellingOnly: boolean) => void;

  constructor(fleet: Fleet, ask: (wish: Wish, tellingOnly: boolean) => void) {
    this.#ask = ask;
    this.#fillSelects(fleet);
    this.#fillTiles(fleet);
    this.#form.addEventListener("input", () => this.#tell());
    this.#form.addEventListener("submit", (event) => event.preventDefault());
    // At the event of a reset button the fields are not empty yet.
    byId("clear", HTMLButtonElement).addEventListener("click", () => {
      this.#form.reset();
      this.#tell();
    });
  }

  #fillSelects(fleet: Fleet): void {
    const option = (value: string, text: string) => element("option", { value }, text);
    const { checks, clusters } = fleet;
    select("subscription").append(
      ...choices(fleet, ({ subscription }) => subscription).map(({ value, count }) =>
        option(value, `${value} (${count})`),
      ),
    );
    select("region").append(
      ...choices(fleet, ({ region }) => region).map(({ value, count }) =>
        option(value, `${value} (${count})`),
      ),
    );
    select("standing").append(...standings.map((one) => option(one, words[one])));
    const found = checks.map(({ id }, index) => ({
      id,
      count: clusters.filter(({ results }) => "fwu".includes(results.charAt(index) || "-")).length,
    }));
    select("check").append(
      ...found.filter(({ count }) => count > 0).map(({ id, count }) => option(id, `${id} (${count})`)),
    );
  }

  /** How many stand how; each number asks for its clusters. */
  #fillTiles({ clusters }: Fleet): void {
    const tiles = standings.map((standing) => {
      const count = clusters.filter((cluster) => cluster.standing === standing).length;
      const tile = element(
        "button",
        { type: "button", class: `tile ${standing}`, "aria-pressed": "false", "data-standing": standing },
        element("strong", {}, count.toLocaleString("en")),
        ` ${words[standing]}`,
      );
      tile.addEventListener("click", () => {
        const field = select("standing");
        field.value = field.value === standing ? "" : standing;
        this.#tell();
      });
      return tile;
    });
    this.#tiles.append(...tiles);
  }

  #tell(): void {
    const values = new FormData(this.#form);
    const value = (name: keyof Wish) => String(values.get(name) ?? nothingAsked[name]);
    const standing = value("standing") as Standing | "";
    for (const tile of this.#tiles.querySelectorAll("button")) {
      tile.setAttribute("aria-pressed", String(tile.dataset["standing"] === standing));
    }
    const wish: Wish = {
      text: value("text"),
      standing,
      subscription: value("subscription"),
      region: value("region"),
      check: value("check"),
    };
    this.#ask(wish, values.has("telling"));
  }
}

function select(name: string): HTMLSelectElement {
  return byId(`by-${name}`, HTMLSelectElement);
}
