// The few drawings of the page itself.

import { svg } from "./dom.js";

const PATHS = {
  bars: "M3 9V7M6 12V4M9 14V2M12 11V5M15 9V7",
  close: "M4 4l8 8M12 4l-8 8",
  eye: "M1.5 8S4 3.5 8 3.5 14.5 8 14.5 8 12 12.5 8 12.5 1.5 8 1.5 8zM8 10a2 2 0 1 0 0-4 2 2 0 0 0 0 4z",
  reply: "M13.5 3.5h-11v7h3v3l3.5-3h4.5z",
  send: "M2.5 13.5L14 8 2.5 2.5l1.5 5.5zM4 8h5",
  spark: "M9 1.5L3.5 9H8l-1 5.5L12.5 7H8z",
};

/** @param {keyof typeof PATHS} name */
export const icon = (name) =>
  svg(
    "svg",
    {
      class: `icon icon-${name}`,
      viewBox: name === "bars" ? "0 0 18 16" : "0 0 16 16",
      "aria-hidden": "true",
    },
    svg("path", { d: PATHS[name] }),
  );
