import { axisBottom, axisLeft } from "d3-axis";
import { scaleBand, scaleLinear } from "d3-scale";
import { type Selection, select } from "d3-selection";
import type { Fleet, FleetDay } from "../src/model/fleet.ts";
import { type Bar, certificateBars, versionBars } from "./buckets.ts";
import { byId, element } from "./dom.ts";
import { words } from "./table.ts";

const size = { width: 440, height: 190 };
const standings = ["fail", "warn", "unknown", "pass"] as const;
type Picture = Selection<SVGSVGElement, unknown, null, undefined>;

/** Draws the charts that there is something to say in. */
export function drawCharts(fleet: Fleet): void {
  const box = byId("charts", HTMLElement);
  const versions = versionBars(fleet);
  const certificates = certificateBars(fleet);
  box.append(figure("Versions of the extension", versions, (picture) => lyingBars(picture, versions)));
  if (certificates.some(({ count }) => count > 0)) {
    box.append(figure("Certificates end within", certificates, (picture) => bars(picture, certificates)));
  }
  if (fleet.days.length > 0) box.append(historyFigure(fleet.days));
}

/** A picture for those who see it, and its numbers as a table for those who don't. */
function figure(title: string, data: readonly Bar[], draw: (picture: Picture) => void): HTMLElement {
  const rows = data.map(({ label, count }) => [label, String(count)]);
  return framed(title, [title, "Clusters"], rows, draw);
}

function framed(
  title: string,
  head: readonly string[],
  rows: readonly (readonly string[])[],
  draw: (picture: Picture) => void,
): HTMLElement {
  const made = element("figure", {}, element("figcaption", {}, title));
  const picture = select(made)
    .append("svg")
    .attr("viewBox", `0 0 ${size.width} ${size.height}`)
    .attr("aria-hidden", "true");
  draw(picture);
  const cells = (name: "th" | "td", texts: readonly string[]) =>
    element("tr", {}, ...texts.map((text) => element(name, {}, text)));
  made.append(
    element("table", { class: "unseen" }, cells("th", head), ...rows.map((row) => cells("td", row))),
  );
  return made;
}

function lyingBars(picture: Picture, data: readonly Bar[]): void {
  const left = 110;
  const x = scaleLinear([0, highest(data)], [left, size.width - 50]);
  const y = scaleBand(
    data.map(({ label }) => label),
    [6, size.height - 6],
  ).padding(0.25);
  const groups = picture.selectAll("g").data(data).join("g");
  groups
    .append("rect")
    .attr("class", ({ tone }) => `bar ${tone}`)
    .attr("x", left)
    .attr("y", ({ label }) => y(label) ?? 0)
    .attr("width", ({ count }) => x(count) - left)
    .attr("height", Math.min(y.bandwidth(), 28));
  groups
    .append("text")
    .attr("class", "count")
    .attr("x", ({ count }) => x(count) + 6)
    .attr("y", ({ label }) => (y(label) ?? 0) + Math.min(y.bandwidth(), 28) / 2 + 4)
    .text(({ count }) => count.toLocaleString("en"));
  groups
    .append("text")
    .attr("class", "label")
    .attr("x", left - 8)
    .attr("y", ({ label }) => (y(label) ?? 0) + Math.min(y.bandwidth(), 28) / 2 + 4)
    .text(({ label }) => (label.length > 15 ? `${label.slice(0, 14)}…` : label));
}

function bars(picture: Picture, data: readonly Bar[]): void {
  const x = scaleBand(
    data.map(({ label }) => label),
    [10, size.width - 10],
  ).padding(0.25);
  const y = scaleLinear([0, highest(data)], [size.height - 28, 22]);
  const groups = picture.selectAll("g").data(data).join("g");
  groups
    .append("rect")
    .attr("class", ({ tone }) => `bar ${tone}`)
    .attr("x", ({ label }) => x(label) ?? 0)
    .attr("y", ({ count }) => y(count))
    .attr("width", x.bandwidth())
    .attr("height", ({ count }) => size.height - 28 - y(count));
  groups
    .append("text")
    .attr("class", "count middle")
    .attr("x", ({ label }) => (x(label) ?? 0) + x.bandwidth() / 2)
    .attr("y", ({ count }) => y(count) - 5)
    .text(({ count }) => (count > 0 ? count.toLocaleString("en") : ""));
  const axis = axisBottom(x).tickSize(0).tickPadding(8);
  picture
    .append("g")
    .attr("class", "axis")
    .attr("transform", `translate(0,${size.height - 28})`)
    .call(axis);
}

function highest(data: readonly Bar[]): number {
  return Math.max(1, ...data.map(({ count }) => count));
}

function historyFigure(days: readonly FleetDay[]): HTMLElement {
  const rows = days.map((one) => [one.day, ...standings.map((standing) => String(one[standing]))]);
  const head = ["Day", ...standings.map((standing) => words[standing])];
  return framed("History", head, rows, (picture) => history(picture, days));
}

function history(picture: Picture, days: readonly FleetDay[]): void {
  const [left, bottom] = [42, size.height - 28];
  const x = scaleBand(
    days.map(({ day }) => day),
    [left, size.width - 6],
  ).padding(0.1);
  const total = (one: FleetDay) => standings.reduce((sum, standing) => sum + one[standing], 0);
  const y = scaleLinear([0, Math.max(1, ...days.map(total))], [bottom, 8]);
  for (const one of days) {
    let below = 0;
    for (const standing of standings) {
      const above = below + one[standing];
      picture
        .append("rect")
        .attr("class", `bar ${standing}`)
        .attr("x", x(one.day) ?? 0)
        .attr("y", y(above))
        .attr("width", x.bandwidth())
        .attr("height", y(below) - y(above));
      below = above;
    }
  }
  const every = Math.ceil(days.length / 5);
  const named = days.filter((_day, index) => (days.length - 1 - index) % every === 0).map(({ day }) => day);
  const dates = axisBottom(x)
    .tickValues(named)
    .tickFormat((day) => day.slice(5))
    .tickSize(4);
  const counts = axisLeft(y)
    .ticks(4)
    .tickSize(4)
    .tickFormat((count) => (Number.isInteger(count) ? String(count) : ""));
  picture.append("g").attr("class", "axis").attr("transform", `translate(0,${bottom})`).call(dates);
  picture.append("g").attr("class", "axis").attr("transform", `translate(${left},0)`).call(counts);
}
