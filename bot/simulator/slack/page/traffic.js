// The drawer with the raw traffic between the bot and Slack.

import { getJournal } from "./api.js";
import { clockSeconds } from "./dates.js";
import { byId, h } from "./dom.js";
import { icon } from "./icons.js";

const KEPT = 500;
const TOKENS = /("(?:\\.|[^"\\])*")(\s*:)?|\b(?:true|false|null)\b|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

/** Return pretty-printed JSON with its parts coloured. */
function json(value) {
  const text = typeof value === "string" ? value || "(empty)" : JSON.stringify(value, null, 2);
  if (typeof value === "string") return h("pre", { tabindex: "0" }, text);
  const parts = [];
  let from = 0;
  for (const found of text.matchAll(TOKENS)) {
    const [whole, string, colon] = found;
    parts.push(text.slice(from, found.index));
    const kind = string ? (colon ? "json-key" : "json-string") : "json-value";
    parts.push(h("span", { class: kind }, string ?? whole), colon ?? "");
    from = found.index + whole.length;
  }
  return h("pre", { tabindex: "0" }, parts, text.slice(from));
}

const WAYS = { to_slack: ["Bot", "Slack"], to_bot: ["Slack", "Bot"] };

/** Slack refuses with status 200 and ok: false. */
function verdict({ status, response }) {
  const refused = response?.ok === false || (response?.error && response.ok === undefined);
  return {
    isBad: refused || status === 0 || status >= 400,
    words: [status || null, refused && response.error].filter(Boolean).join(" ") || "no answer",
  };
}

function entry(one) {
  const [from, to] = WAYS[one.direction] ?? ["?", "?"];
  const { isBad, words } = verdict(one);
  const node = h(
    "details",
    { class: `exchange ${one.direction}`, data: { n: one.n } },
    h(
      "summary",
      {},
      h("time", {}, clockSeconds(one.at)),
      h("span", { class: "way" }, from, h("span", { "aria-label": "to" }, "→"), to),
      h("code", { class: "method" }, one.method),
      h("span", { class: `status${isBad ? " bad" : ""}` }, words),
      h("span", { class: "took" }, `${one.took_ms} ms`),
    ),
  );
  node.addEventListener("toggle", () => {
    if (!node.open || node.querySelector(".json")) return;
    const side = (title, value) => h("div", {}, h("h3", {}, title), json(value));
    node.append(h("div", { class: "json" }, side("Request", one.request), side("Response", one.response)));
  });
  return node;
}

export class Traffic {
  constructor() {
    this.drawer = byId("traffic");
    this.list = byId("traffic-list");
    this.toggle = byId("traffic-toggle");
    this.toggle.addEventListener("click", () => this.flip());
    byId("traffic-close").append(icon("close"));
    byId("traffic-close").addEventListener("click", () => this.flip());
    this.forget();
  }

  /** Begin anew, as before the first request. */
  forget() {
    this.after = 0;
    this.list.replaceChildren(
      h("p", { class: "quiet" }, "No requests yet. They appear here as the bot and Slack talk."),
    );
  }

  flip() {
    const opens = this.drawer.hidden;
    const hadFocus = this.drawer.contains(document.activeElement);
    this.drawer.hidden = !opens;
    this.toggle.setAttribute("aria-expanded", String(opens));
    if (hadFocus) this.toggle.focus();
    if (opens) this.update();
  }

  /** Fetch what is new, if anyone looks. */
  async update() {
    if (this.drawer.hidden || this.isFetching) return;
    this.isFetching = true;
    try {
      const { entries, next } = await getJournal(this.after);
      this.after = next;
      if (entries.length) this.list.querySelector(".quiet")?.remove();
      for (const one of entries) this.list.prepend(entry(one));
      while (this.list.children.length > KEPT) this.list.lastElementChild.remove();
    } finally {
      this.isFetching = false;
    }
  }
}
