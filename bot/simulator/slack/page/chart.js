// The data_visualization block: line, area and bar charts as SVG, drawn anew for each width.

import { h, svg } from "./dom.js";
import { pie } from "./pie.js";
import { labelStride, niceTicks, shortNumber } from "./scales.js";

/**
 * @typedef {{name: string, data: {label: string, value: number}[]}} Series
 * @typedef {{type: string, series: Series[], axis_config: {categories: string[], x_label?: string, y_label?: string}}} Chart
 */

const PLOT_HEIGHT = 212;
const PAD = { top: 26, right: 14, bottom: 26 };
const values = (series) => series.data.map((point) => point.value);

/** A level line beside real data, such as a threshold, is drawn dashed and without points to catch the eye. */
const isLevel = (series, all) => all.length > 1 && series.data.length > 1 && new Set(values(series)).size === 1;
const colour = (index) => `series-${index % 12}`;

function geometry(chart, width) {
  const height = PLOT_HEIGHT + (chart.axis_config.x_label ? 16 : 0);
  const all = chart.series.flatMap(values);
  const ticks = niceTicks(Math.min(...all), Math.max(...all), { fromZero: chart.type !== "line" });
  const left = 14 + Math.max(...ticks.map((tick) => shortNumber(tick).length)) * 7;
  const [low, high] = [ticks[0], ticks.at(-1)];
  const { categories } = chart.axis_config;
  const inner = width - left - PAD.right;
  const isBar = chart.type === "bar";
  const step = isBar ? inner / categories.length : inner / Math.max(1, categories.length - 1);
  return {
    ticks, left, step, width, height, categories,
    right: width - PAD.right,
    base: PLOT_HEIGHT - PAD.bottom,
    x: (index) => (categories.length === 1 && !isBar ? left + inner / 2 : left + step * (isBar ? index + 0.5 : index)),
    y: (value) => PAD.top + ((high - value) / (high - low)) * (PLOT_HEIGHT - PAD.top - PAD.bottom),
  };
}

function axes(chart, at) {
  const { x_label: xLabel, y_label: yLabel } = chart.axis_config;
  const lines = at.ticks.flatMap((tick) => [
    svg("line", { class: tick === 0 ? "axis" : "grid", x1: at.left, x2: at.right, y1: at.y(tick), y2: at.y(tick) }),
    svg("text", { class: "tick", x: at.left - 8, y: at.y(tick) + 4, "text-anchor": "end" }, shortNumber(tick)),
  ]);
  const stride = labelStride(at.categories, at.step);
  const labels = at.categories.flatMap((label, index) => {
    const half = label.length * 3.3;
    const x = Math.max(half, Math.min(at.x(index), at.width - half - 2));
    return index % stride === 0 ? svg("text", { class: "tick tick-x", x, y: PLOT_HEIGHT - 8, "text-anchor": "middle" }, label) : [];
  });
  return [
    ...lines,
    ...labels,
    yLabel && svg("text", { class: "axis-label", x: at.left - 8, y: 11, "text-anchor": "end" }, yLabel.length < 6 ? yLabel : ""),
    yLabel && yLabel.length >= 6 && svg("text", { class: "axis-label", x: 2, y: 11 }, yLabel),
    xLabel && svg("text", { class: "axis-label", x: at.right, y: at.height - 6, "text-anchor": "end" }, xLabel),
  ];
}

const path = (series, at) => series.data.map(({ value }, index) => `${index ? "L" : "M"}${at.x(index).toFixed(1)} ${at.y(value).toFixed(1)}`).join("");

function line(series, index, chart, at) {
  const level = isLevel(series, chart.series);
  const kind = level ? "series-level" : colour(index);
  const drawn = path(series, at);
  const zero = at.y(Math.max(at.ticks[0], Math.min(0, at.ticks.at(-1)))).toFixed(1);
  const closed = `${drawn}L${at.x(series.data.length - 1).toFixed(1)} ${zero}L${at.x(0).toFixed(1)} ${zero}Z`;
  return svg(
    "g",
    { class: kind },
    chart.type === "area" && !level && svg("path", { class: "fill", d: closed }),
    svg("path", { class: "stroke", d: drawn }),
    series.data.map(({ value }, nth) => svg("circle", { class: "point", cx: at.x(nth), cy: at.y(value), r: level ? 0 : 2.5 })),
  );
}

function bars(series, index, chart, at) {
  const each = Math.min(36, (at.step * 0.72) / chart.series.length);
  const shift = (index - (chart.series.length - 1) / 2) * each - each / 2;
  return svg(
    "g",
    { class: colour(index) },
    series.data.map(({ value }, nth) => {
      const [top, bottom] = [at.y(Math.max(0, value)), at.y(Math.min(0, value))];
      return svg("rect", { class: "point bar", x: at.x(nth) + shift, y: top, width: Math.max(1, each - 1), height: Math.max(0.5, bottom - top), rx: 1.5 });
    }),
  );
}

/** Show the values of one category beside a cursor line, for the pointer and for the arrow keys. */
function reader(chart, plot, tip) {
  let at = null;
  let current = null;
  const hide = () => {
    current = null;
    tip.hidden = true;
    plot.querySelector(".cursor")?.remove();
  };
  const read = (index) => {
    if (index === current) return;
    hide();
    current = index;
    const x = at.x(index);
    plot.append(svg("line", { class: "cursor", x1: x, x2: x, y1: PAD.top, y2: at.base }));
    tip.replaceChildren(
      h("strong", {}, at.categories[index]),
      ...chart.series.map((series, nth) =>
        h("span", { class: `tip-row ${isLevel(series, chart.series) ? "series-level" : colour(nth)}` },
          h("i", { class: "swatch" }), `${series.name} `, h("b", {}, shortNumber(series.data[index].value)))),
    );
    tip.hidden = false;
    const beside = x + 12 + tip.offsetWidth > at.width ? x - 12 - tip.offsetWidth : x + 12;
    tip.style.left = `${Math.max(0, beside)}px`;
  };
  const last = () => at.categories.length - 1;
  plot.addEventListener("pointermove", (event) => {
    const x = event.clientX - plot.getBoundingClientRect().left;
    const nearest = at.categories.reduce((best, _, index) => (Math.abs(at.x(index) - x) < Math.abs(at.x(best) - x) ? index : best), 0);
    read(nearest);
  });
  plot.addEventListener("pointerleave", hide);
  plot.addEventListener("blur", hide);
  plot.addEventListener("keydown", (event) => {
    const to = { ArrowRight: (current ?? -1) + 1, ArrowLeft: (current ?? last() + 1) - 1, Home: 0, End: last() }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    read(Math.max(0, Math.min(last(), to)));
  });
  return (drawnAt) => {
    at = drawnAt;
    hide();
  };
}

/** Say the chart in a sentence for those who do not see it. */
function summary(title, chart) {
  const one = (series) => {
    const all = values(series);
    const figures = isLevel(series, chart.series)
      ? `always ${shortNumber(all[0])}`
      : `lowest ${shortNumber(Math.min(...all))}, highest ${shortNumber(Math.max(...all))}, last ${shortNumber(all.at(-1))}`;
    return `${series.name}: ${figures}`;
  };
  return `${chart.type} chart, ${title}. ${chart.series.map(one).join(". ")}. Left and right arrow keys read the values.`;
}

function legend(chart) {
  if (chart.series.length < 2) return null;
  const entry = (series, index) =>
    h("li", { class: isLevel(series, chart.series) ? "series-level" : colour(index) }, h("i", { class: "swatch" }), series.name);
  return h("ul", { class: "legend" }, chart.series.map(entry));
}

function plotted(title, chart) {
  const plot = svg("svg", { class: "plot", role: "img", tabindex: "0", "aria-label": summary(title, chart) });
  const tip = h("div", { class: "tip", role: "status", hidden: true });
  const follow = reader(chart, plot, tip);
  const draw = (width) => {
    const at = geometry(chart, width);
    plot.setAttribute("viewBox", `0 0 ${width} ${at.height}`);
    plot.setAttribute("height", at.height);
    const shapes = chart.series.map((series, index) => (chart.type === "bar" ? bars : line)(series, index, chart, at));
    plot.replaceChildren(...[...axes(chart, at), ...shapes].filter(Boolean));
    follow(at);
  };
  const box = h("div", { class: "plot-box" }, plot, tip);
  draw(560);
  let drawnFor = 560;
  new ResizeObserver(([{ contentRect }]) => {
    const width = Math.round(contentRect.width);
    if (width > 0 && width !== drawnFor) draw((drawnFor = width));
  }).observe(box);
  return [legend(chart), box];
}

/** Render a data_visualization block. */
export function visualization({ title, chart }) {
  const isPie = chart.type === "pie";
  return h(
    "figure",
    { class: `chart chart-${isPie ? "pie" : "plot"}` },
    h("figcaption", {}, title),
    isPie ? pie(title, chart.segments) : plotted(title, chart),
  );
}
