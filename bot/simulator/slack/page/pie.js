// Pie charts: a ring of segments and a legend with values and shares.

import { h, svg } from "./dom.js";
import { shortNumber } from "./scales.js";

const SIZE = 156;
const OUTER = 74;
const INNER = 44;

function point(share, radius) {
  const angle = share * 2 * Math.PI - Math.PI / 2;
  return `${(SIZE / 2 + radius * Math.cos(angle)).toFixed(2)} ${(SIZE / 2 + radius * Math.sin(angle)).toFixed(2)}`;
}

function slice(from, share) {
  const to = from + Math.min(share, 0.9999); // an arc that ends where it starts would draw nothing
  const large = share > 0.5 ? 1 : 0;
  return (
    `M${point(from, OUTER)}A${OUTER} ${OUTER} 0 ${large} 1 ${point(to, OUTER)}` +
    `L${point(to, INNER)}A${INNER} ${INNER} 0 ${large} 0 ${point(from, INNER)}Z`
  );
}

const percent = (share) => `${shortNumber(Math.round(share * 1000) / 10)} %`;

/** Return the ring and its legend. @param {string} title @param {{label: string, value: number}[]} segments */
export function pie(title, segments) {
  const total = segments.reduce((sum, { value }) => sum + value, 0);
  let from = 0;
  const slices = segments.map(({ label, value }, index) => {
    const share = value / total;
    const drawn = svg(
      "path",
      { class: `point series-${index} slice`, d: slice(from, share) },
      svg("title", {}, `${label}: ${shortNumber(value)} (${percent(share)})`),
    );
    from += share;
    return drawn;
  });
  const entry = ({ label, value }, index) =>
    h(
      "li",
      { class: `series-${index}` },
      h("i", { class: "swatch" }),
      h("span", {}, label),
      h("b", {}, shortNumber(value)),
      h("span", {}, percent(value / total)),
    );
  const said = segments.map(({ label, value }) => `${label} ${percent(value / total)}`).join(", ");
  return [
    svg(
      "svg",
      {
        class: "ring",
        role: "img",
        "aria-label": `pie chart, ${title}. ${said}.`,
        viewBox: `0 0 ${SIZE} ${SIZE}`,
        width: SIZE,
        height: SIZE,
      },
      slices,
    ),
    h("ul", { class: "legend legend-pie" }, segments.map(entry)),
  ];
}
