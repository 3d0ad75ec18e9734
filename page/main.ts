import type { Fleet } from "../src/model/fleet.ts";
import { drawCharts } from "./charts.ts";
import { Details } from "./details.ts";
import { byId } from "./dom.ts";
import { Filters } from "./filters.ts";
import { Grid } from "./grid.ts";
import { fleetTable } from "./table.ts";
import { themeSwitch } from "./theme.ts";

const fleet = JSON.parse(byId("fleet", HTMLScriptElement).text) as Fleet;
const table = fleetTable(fleet);
const grid: Grid = new Grid(fleet, table, (chosen) => details.show(chosen));
const details = new Details(fleet, () => grid.focus());

themeSwitch();
tellWhen();
new Filters(fleet, (wish, tellingOnly) => {
  table.filter(wish);
  grid.show(tellingOnly);
  tellCount();
});
grid.show();
tellCount();
drawCharts(fleet);

function tellWhen(): void {
  const when = fleet.madeAt.replace("T", " ").slice(0, 16);
  byId("made", HTMLParagraphElement).textContent = `${when} UTC, ${fleet.product}`;
}

function tellCount(): void {
  const [shown, all] = [table.clusters().length, fleet.clusters.length];
  const count = all === 1 ? "1 cluster" : `${all.toLocaleString("en")} clusters`;
  byId("count", HTMLParagraphElement).textContent =
    shown === all ? count : `${shown.toLocaleString("en")} of ${count}`;
}
