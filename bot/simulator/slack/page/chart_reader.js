// Reads out a chart's values: a cursor line and a tip, by pointer or by arrow keys.

import { h, svg } from "./dom.js";
import { colour, shortNumber } from "./scales.js";

/**
 * Show the values of one category beside a cursor line, for the pointer and for the arrow keys.
 * @param {import("./chart.js").Chart} chart @param {SVGElement} plot @param {HTMLElement} tip
 * @returns a function that takes the geometry each time the chart is drawn
 */
export function reader(chart, plot, tip) {
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
    plot.append(svg("line", { class: "cursor", x1: x, x2: x, y1: at.top, y2: at.base }));
    tip.replaceChildren(
      h("strong", {}, at.categories[index]),
      ...chart.series.map((series, nth) =>
        h(
          "span",
          { class: `tip-row ${colour(series, nth, chart.series)}` },
          h("i", { class: "swatch" }),
          `${series.name} `,
          h("b", {}, shortNumber(series.data[index].value)),
        ),
      ),
    );
    tip.hidden = false;
    const beside = x + 12 + tip.offsetWidth > at.width ? x - 12 - tip.offsetWidth : x + 12;
    tip.style.left = `${Math.max(0, beside)}px`;
  };
  const last = () => at.categories.length - 1;
  plot.addEventListener("pointermove", (event) => {
    const x = event.clientX - plot.getBoundingClientRect().left;
    const nearest = at.categories.reduce(
      (best, _, index) => (Math.abs(at.x(index) - x) < Math.abs(at.x(best) - x) ? index : best),
      0,
    );
    read(nearest);
  });
  plot.addEventListener("pointerleave", hide);
  plot.addEventListener("blur", hide);
  plot.addEventListener("keydown", (event) => {
    const to = {
      ArrowRight: (current ?? -1) + 1,
      ArrowLeft: (current ?? last() + 1) - 1,
      Home: 0,
      End: last(),
    }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    read(Math.max(0, Math.min(last(), to)));
  });
  return (drawnAt) => {
    at = drawnAt;
    hide();
  };
}
