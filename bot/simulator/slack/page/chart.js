// The data_visualization block: line, area and bar charts as SVG, drawn anew for each width.

import { reader } from "./chart_reader.js";
import { h, svg } from "./dom.js";
import { pie } from "./pie.js";
import { colour, isLevel, labelStride, niceTicks, shortNumber, values } from "./scales.js";

/**
 * @typedef {{name: string, data: {label: string, value: number}[]}} Series
 * @typedef {{type: string, series: Series[],
 *   axis_config: {categories: string[], x_label?: string, y_label?: string}}} Chart
 */

const PLOT_HEIGHT = 212;
const PAD = { top: 26, right: 14, bottom: 26 };

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
    ticks,
    left,
    step,
    width,
    height,
    categories,
    right: width - PAD.right,
    top: PAD.top,
    base: PLOT_HEIGHT - PAD.bottom,
    x: (index) =>
      categories.length === 1 && !isBar ? left + inner / 2 : left + step * (isBar ? index + 0.5 : index),
    y: (value) => PAD.top + ((high - value) / (high - low)) * (PLOT_HEIGHT - PAD.top - PAD.bottom),
  };
}

function axes(chart, at) {
  const { x_label: xLabel, y_label: yLabel } = chart.axis_config;
  const lines = at.ticks.flatMap((tick) => [
    svg("line", {
      class: tick === 0 ? "axis" : "grid",
      x1: at.left,
      x2: at.right,
      y1: at.y(tick),
      y2: at.y(tick),
    }),
    svg(
      "text",
      { class: "tick", x: at.left - 8, y: at.y(tick) + 4, "text-anchor": "end" },
      shortNumber(tick),
    ),
  ]);
  const fits = yLabel && yLabel.length * 7 < at.left - 8;
  const stride = labelStride(at.categories, at.step);
  const labels = at.categories.flatMap((label, index) => {
    const half = label.length * 3.3;
    const x = Math.max(half, Math.min(at.x(index), at.width - half - 2));
    return index % stride === 0
      ? svg("text", { class: "tick tick-x", x, y: PLOT_HEIGHT - 8, "text-anchor": "middle" }, label)
      : [];
  });
  return [
    ...lines,
    ...labels,
    yLabel &&
      svg(
        "text",
        { class: "axis-label", y: 11, ...(fits ? { x: at.left - 8, "text-anchor": "end" } : { x: 0 }) },
        yLabel,
      ),
    xLabel &&
      svg("text", { class: "axis-label", x: at.right, y: at.height - 6, "text-anchor": "end" }, xLabel),
  ];
}

const path = (series, at) =>
  series.data
    .map(({ value }, index) => `${index ? "L" : "M"}${at.x(index).toFixed(1)} ${at.y(value).toFixed(1)}`)
    .join("");

function line(series, index, chart, at) {
  const level = isLevel(series, chart.series);
  const drawn = path(series, at);
  const zero = at.y(Math.max(at.ticks[0], Math.min(0, at.ticks.at(-1)))).toFixed(1);
  const closed = `${drawn}L${at.x(series.data.length - 1).toFixed(1)} ${zero}L${at.x(0).toFixed(1)} ${zero}Z`;
  return svg(
    "g",
    { class: colour(series, index, chart.series) },
    chart.type === "area" && !level && svg("path", { class: "fill", d: closed }),
    svg("path", { class: "stroke", d: drawn }),
    series.data.map(({ value }, nth) =>
      svg("circle", { class: "point", cx: at.x(nth), cy: at.y(value), r: level ? 0 : 2.5 }),
    ),
  );
}

function bars(series, index, chart, at) {
  const each = Math.min(36, (at.step * 0.72) / chart.series.length);
  const shift = (index - (chart.series.length - 1) / 2) * each - each / 2;
  return svg(
    "g",
    { class: colour(series, index, chart.series) },
    series.data.map(({ value }, nth) => {
      const [top, bottom] = [at.y(Math.max(0, value)), at.y(Math.min(0, value))];
      return svg("rect", {
        class: "point",
        x: at.x(nth) + shift,
        y: top,
        width: Math.max(1, each - 1),
        height: Math.max(0.5, bottom - top),
        rx: 1.5,
      });
    }),
  );
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
    h("li", { class: colour(series, index, chart.series) }, h("i", { class: "swatch" }), series.name);
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
    const shapes = chart.series.map((series, index) =>
      (chart.type === "bar" ? bars : line)(series, index, chart, at),
    );
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
