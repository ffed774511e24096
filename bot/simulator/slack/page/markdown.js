// The markdown block: the everyday part of Markdown as nodes.

import { h } from "./dom.js";
import { emoji } from "./emoji.js";
import { link } from "./mrkdwn.js";

const INLINE = new RegExp(
  [
    "`([^`\\n]+)`",
    "\\[([^\\]\\n]+)\\]\\(([^()\\s]+)\\)",
    "\\*\\*(?!\\s)(.+?)\\*\\*",
    "~~(.+?)~~",
    "(?<![\\w*])\\*(?!\\s)([^*\\n]+?)\\*(?!\\w)",
    "(?<!\\w)_(?!\\s)([^_\\n]+?)_(?!\\w)",
    ":([a-z0-9_+-]+):",
  ].join("|"),
  "g",
);

function inline(text) {
  const nodes = [];
  let from = 0;
  for (const found of text.matchAll(INLINE)) {
    const [whole, code, label, url, bold, strike, star, under, name] = found;
    nodes.push(text.slice(from, found.index));
    from = found.index + whole.length;
    if (code) nodes.push(h("code", {}, code));
    else if (label) nodes.push(link(url, label));
    else if (bold) nodes.push(h("strong", {}, inline(bold)));
    else if (strike) nodes.push(h("s", {}, inline(strike)));
    else if (star || under) nodes.push(h("em", {}, inline(star ?? under)));
    else nodes.push(emoji(name));
  }
  nodes.push(text.slice(from));
  return nodes;
}

const cells = (line) =>
  line
    .trim()
    .replace(/^\||\|$/g, "")
    .split(/(?<!\\)\|/)
    .map((cell) => cell.trim().replaceAll("\\|", "|"));

function table(lines) {
  const [head, , ...rows] = lines.map(cells);
  const row = (name, values) =>
    h(
      "tr",
      {},
      values.map((value) => h(name, { scope: name === "th" ? "col" : null }, inline(value))),
    );
  return h(
    "div",
    { class: "scroll-x", tabindex: "0", role: "region", "aria-label": "Table" },
    h(
      "table",
      {},
      h("thead", {}, row("th", head)),
      h(
        "tbody",
        {},
        rows.map((values) => row("td", values)),
      ),
    ),
  );
}

const HEADING = /^(#{1,6})\s+(.*)$/;
const ITEM = /^\s*(?:[-*+]|(\d+)[.)])\s+(.*)$/;
const KINDS = [
  { name: "fence", is: (line) => line.startsWith("```") },
  { name: "heading", is: (line) => HEADING.test(line), alone: true },
  { name: "rule", is: (line) => /^\s*([-*_])(\s*\1){2,}\s*$/.test(line), alone: true },
  { name: "quote", is: (line) => line.startsWith(">") },
  { name: "table", is: (line) => line.trim().startsWith("|") },
  { name: "list", is: (line) => ITEM.test(line) },
  { name: "blank", is: (line) => !line.trim() },
  { name: "text", is: () => true },
];
const kindOf = (line) => KINDS.find((kind) => kind.is(line));

/** Return how far the run that starts here goes on. */
function runEnd(lines, start, kind) {
  if (kind.alone) return start + 1;
  if (kind.name === "fence") {
    const close = lines.findIndex((line, index) => index > start && kind.is(line));
    return close < 0 ? lines.length : close + 1;
  }
  let end = start + 1;
  while (end < lines.length && kindOf(lines[end]).name === kind.name) end += 1;
  return end;
}

function build(name, run) {
  switch (name) {
    case "fence":
      return h(
        "pre",
        { tabindex: "0" },
        run
          .slice(1)
          .filter((line) => !line.startsWith("```"))
          .join("\n"),
      );
    case "heading": {
      const [, marks, text] = HEADING.exec(run[0]);
      const level = Math.min(marks.length, 4);
      return h(
        "div",
        { class: `heading heading-${level}`, role: "heading", "aria-level": String(level + 2) },
        inline(text),
      );
    }
    case "rule":
      return h("hr");
    case "quote":
      return h("blockquote", {}, inline(run.map((line) => line.replace(/^> ?/, "")).join("\n")));
    case "table":
      return run.length > 1 ? table(run) : h("p", {}, inline(run[0]));
    case "list": {
      const first = ITEM.exec(run[0])[1];
      return h(
        first ? "ol" : "ul",
        { start: first },
        run.map((line) => h("li", {}, inline(ITEM.exec(line)[2]))),
      );
    }
    default:
      return h("p", {}, inline(run.join("\n")));
  }
}

/** Render Markdown text. */
export function markdown(text) {
  const lines = text.split("\n");
  const nodes = [];
  for (let start = 0, end; start < lines.length; start = end) {
    const kind = kindOf(lines[start]);
    end = runEnd(lines, start, kind);
    if (kind.name !== "blank") nodes.push(build(kind.name, lines.slice(start, end)));
  }
  return h("div", { class: "text markdown" }, nodes);
}
