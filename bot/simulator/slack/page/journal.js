/** The drawer of raw traffic: one line a request, its JSON inside. */

import { el } from "./dom.js";

const KEPT = 300;

export class JournalView {
  constructor(list) {
    this.list = list;
    this.next = 0;
    this.reading = false;
  }

  /** Read what came since the last time and add it on top. */
  async refresh() {
    if (this.reading) return;
    this.reading = true;
    try {
      const answer = await (await fetch(`/_sim/journal?after=${this.next}`)).json();
      this.next = answer.next;
      for (const entry of answer.entries) this.list.prepend(line(entry));
      while (this.list.children.length > KEPT) this.list.lastElementChild.remove();
    } finally {
      this.reading = false;
    }
  }
}

function line(entry) {
  const incoming = entry.direction === "to_slack";
  const good = entry.status >= 200 && entry.status < 300 && entry.response?.ok !== false;
  const arrow = incoming ? "bot → Slack" : "Slack → bot";
  const body = JSON.stringify({ request: entry.request, response: entry.response }, null, 2);
  const head = el(
    "summary",
    {},
    el(`span.arrow.${incoming ? "in" : "out"}`, {}, arrow),
    el("code", {}, entry.method),
    el(`span.code.${good ? "good" : "bad"}`, {}, String(entry.status)),
    el("span.took", {}, `${entry.took_ms} ms`),
  );
  return el("li", {}, el("details", {}, head, el("pre.code-block", { tabindex: "0" }, body)));
}
