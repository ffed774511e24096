/** table and data_table blocks: the second sorts by its headers and shows a page at a time. */

import { el } from "./dom.js";
import { plain } from "./mrkdwn.js";
import { richText } from "./rich.js";

function cellText(cell) {
  return cell.type === "raw_number" ? cell.text ?? String(cell.value) : plain(cell.text ?? "");
}

function cellNode(cell, tag) {
  if (cell.type === "rich_text") return el(tag, {}, richText(cell));
  return el(cell.type === "raw_number" ? `${tag}.number` : tag, {}, cellText(cell));
}

/** A fixed table; its first row is drawn as the header. */
export function table(block) {
  const rows = block.rows ?? [];
  const body = rows.slice(1).map((row) => el("tr", {}, ...row.map((cell) => cellNode(cell, "td"))));
  const head = el("tr", {}, ...(rows[0] ?? []).map((cell) => cellNode(cell, "th")));
  return el("div.table-wrap", {}, el("table", {}, el("thead", {}, head), el("tbody", {}, ...body)));
}

/** A data table: click a header to sort, again to turn round; pages of `page_size`. */
export function dataTable(block) {
  const [head = [], ...rows] = block.rows ?? [];
  const size = block.page_size ?? 5;
  const state = { column: -1, falling: false, page: 0 };
  const body = el("tbody");
  const pages = el("span.pages");
  const headers = head.map((cell, column) =>
    el("th", { scope: "col", "aria-sort": "none" }, el("button.sort", { type: "button", on: { click: () => sort(column) } }, cellText(cell))),
  );
  const turn = (by, label, name) => el("button.page", { type: "button", "aria-label": name, on: { click: () => go(by) } }, label);
  const foot = el("div.table-foot", {}, turn(-1, "‹", "Previous page"), pages, turn(1, "›", "Next page"));

  function draw() {
    const last = Math.max(0, Math.ceil(rows.length / size) - 1);
    state.page = Math.min(Math.max(0, state.page), last);
    const shown = sorted(rows, state).slice(state.page * size, (state.page + 1) * size);
    body.replaceChildren(...shown.map((row) => el("tr", {}, ...row.map((cell) => cellNode(cell, "td")))));
    pages.textContent = `${state.page + 1} of ${last + 1}`;
    foot.hidden = last === 0;
    headers.forEach((header, column) => {
      const direction = column === state.column ? (state.falling ? "descending" : "ascending") : "none";
      header.setAttribute("aria-sort", direction);
    });
  }
  function sort(column) {
    state.falling = state.column === column && !state.falling;
    state.column = column;
    draw();
  }
  function go(by) {
    state.page += by;
    draw();
  }
  draw();
  const caption = el("caption", {}, plain(block.caption ?? ""));
  return el("div.table-wrap", {}, el("table.data", {}, caption, el("thead", {}, el("tr", {}, ...headers)), body), foot);
}

function sorted(rows, { column, falling }) {
  if (column < 0) return rows;
  const key = (row) => row[column]?.value ?? cellText(row[column] ?? {});
  const compare = (a, b) =>
    typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(String(b), undefined, { numeric: true });
  const risen = [...rows].sort((one, other) => compare(key(one), key(other)));
  return falling ? risen.reverse() : risen;
}
