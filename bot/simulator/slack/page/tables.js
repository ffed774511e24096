// The table block, and the data_table block that sorts and pages. Sorting and page survive an edit of the message.

import { h } from "./dom.js";
import { richText } from "./rich_text.js";

/** @typedef {import("./blocks.js").Context} Context */

const shownText = (cell) => {
  if (cell?.type === "raw_number") return cell.text ?? new Intl.NumberFormat("en").format(cell.value);
  return cell?.text ?? "";
};
const content = (cell, scene) => (cell?.type === "rich_text" ? richText(cell, scene) : shownText(cell));
const isNumber = (cell) => cell?.type === "raw_number";

const scroller = (label, path, table) =>
  h(
    "div",
    {
      class: "scroll-x",
      tabindex: "0",
      role: "region",
      "aria-label": label,
      data: { key: `${path}/scroll` },
    },
    table,
  );

/** Render a table block: its first row is the header. */
export function table(block, { scene, path }) {
  const settings = block.column_settings ?? [];
  const [head = [], ...body] = block.rows;
  const look = (column) => {
    const isNumeric = body.length > 0 && body.every((row) => isNumber(row[column]));
    const { align = isNumeric ? "right" : "left", is_wrapped: wraps } = settings[column] ?? {};
    return `align-${align}${wraps ? " wraps" : ""}`;
  };
  const row = (name) => (cells) =>
    h(
      "tr",
      {},
      cells.map((cell, column) =>
        h(name, { class: look(column), scope: name === "th" ? "col" : null }, content(cell, scene)),
      ),
    );
  return scroller(
    "Table",
    path,
    h("table", {}, h("thead", {}, row("th")(head)), h("tbody", {}, body.map(row("td")))),
  );
}

/** @type {Map<string, {column: number|null, down: boolean, page: number}>} */
const views = new Map();

function sorted(rows, { column, down }) {
  if (column === null) return rows;
  const numeric = rows.every((row) => isNumber(row[column]));
  const plain = (row) =>
    row[column]?.type === "rich_text" ? JSON.stringify(row[column]) : shownText(row[column]);
  const compare = numeric
    ? (a, b) => a[column].value - b[column].value
    : (a, b) => plain(a).localeCompare(plain(b), "en", { numeric: true });
  return rows.toSorted((a, b) => (down ? compare(b, a) : compare(a, b)));
}

function headCell(cell, column, { view, numeric, sort, path }) {
  const order = view.column === column ? (view.down ? "descending" : "ascending") : "none";
  const sign = { none: "↕", ascending: "↑", descending: "↓" }[order];
  return h(
    "th",
    { scope: "col", "aria-sort": order, class: numeric ? "align-right" : null },
    h(
      "button",
      {
        type: "button",
        class: "sort",
        data: { sort: column, key: `${path}/sort/${column}` },
        on: { click: () => sort(column) },
      },
      shownText(cell),
      h("span", { class: "sort-sign", "aria-hidden": "true" }, sign),
    ),
  );
}

function pager(count, { view, size, turn, path }) {
  const last = Math.ceil(count / size) - 1;
  const from = view.page * size + 1;
  const go = (label, by, blocked) =>
    h(
      "button",
      {
        type: "button",
        class: "btn btn-small",
        "aria-disabled": blocked && "true",
        data: { turn: by, key: `${path}/turn/${by}` },
        on: { click: () => !blocked && turn(by) },
      },
      label,
    );
  return h(
    "div",
    { class: "pager" },
    h("span", { role: "status" }, `${from}–${Math.min(from + size - 1, count)} of ${count}`),
    go("Previous", -1, view.page === 0),
    go("Next", 1, view.page === last),
  );
}

/**
 * Render a data_table block.
 * @param {object} block @param {Context} context
 */
export function dataTable(block, { scene, path }) {
  const [head, ...rows] = block.rows;
  const size = block.page_size ?? 5;
  const view = views.get(path) ?? { column: null, down: false, page: 0 };
  views.set(path, view);
  view.page = Math.min(view.page, Math.max(0, Math.ceil(rows.length / size) - 1));
  const root = h("div", { class: "data-table" });

  const redraw = (refocus) => {
    root.replaceChildren(...draw());
    root.querySelector(refocus)?.focus({ preventScroll: true });
  };
  const sort = (column) => {
    Object.assign(view, { down: view.column === column && !view.down, column, page: 0 });
    redraw(`[data-sort="${column}"]`);
  };
  const turn = (by) => {
    view.page += by;
    redraw(`[data-turn="${by}"]`);
  };
  const cell = (one, column) => {
    const isHead = column === block.row_header_column_index;
    return h(
      isHead ? "th" : "td",
      { scope: isHead ? "row" : null, class: isNumber(one) ? "align-right" : null },
      content(one, scene),
    );
  };
  const draw = () => {
    const numeric = (column) => rows.every((row) => isNumber(row[column]));
    const heads = head.map((one, column) =>
      headCell(one, column, { view, numeric: numeric(column), sort, path }),
    );
    const page = sorted(rows, view).slice(view.page * size, (view.page + 1) * size);
    const grid = h(
      "table",
      {},
      h("thead", {}, h("tr", {}, heads)),
      h(
        "tbody",
        {},
        page.map((row) => h("tr", {}, row.map(cell))),
      ),
    );
    return [
      h("p", { class: "caption" }, block.caption),
      scroller(block.caption, path, grid),
      ...(rows.length > size ? [pager(rows.length, { view, size, turn, path })] : []),
    ];
  };
  root.append(...draw());
  return root;
}
