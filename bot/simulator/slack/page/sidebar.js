// The left side: channels, the troubles one can make, and the simulated time.

import { explain, post } from "./api.js";
import { clockTime, shortDay } from "./dates.js";
import { byId, h, reconcile, setText } from "./dom.js";
import { icon } from "./icons.js";

function channelItem(channel, { isOpen, isUnread, choose }) {
  const build = () =>
    h(
      "li",
      {},
      h(
        "button",
        {
          type: "button",
          class: `channel-link${isUnread ? " unread" : ""}`,
          "aria-current": isOpen && "page",
          data: { key: channel.id },
          on: { click: () => choose(channel.id) },
        },
        h("span", { class: "hash", "aria-hidden": "true" }, "#"),
        h("span", { class: "channel-label" }, channel.name),
        isUnread && h("span", { class: "dot" }, h("span", { class: "sr" }, "unread")),
      ),
    );
  return { key: channel.id, signature: JSON.stringify([channel.name, isOpen, isUnread]), build };
}

async function inject({ name, title }, button) {
  if (button.getAttribute("aria-busy") === "true") return;
  button.setAttribute("aria-busy", "true");
  const outcome = await post("inject", { name });
  button.removeAttribute("aria-busy");
  const said = byId("trouble-said");
  said.classList.toggle("failed", !outcome.ok);
  said.textContent = outcome.ok
    ? `Started: ${title}. An alert follows within a few simulated minutes.`
    : explain(outcome);
}

function injectionItem(injection) {
  const build = () =>
    h(
      "li",
      {},
      h(
        "button",
        {
          type: "button",
          class: "injection",
          data: { key: injection.name },
          on: { click: (event) => inject(injection, event.currentTarget) },
        },
        icon("spark"),
        h("span", { class: "injection-title" }, injection.title),
        h("span", { class: "injection-note" }, injection.description),
      ),
    );
  return { key: injection.name, signature: JSON.stringify(injection), build };
}

/**
 * Show the state.
 * @param {object} state @param {{openId: string, unread: Set<string>, choose: (id: string) => void}} view
 */
export function showSidebar(state, { openId, unread, choose }) {
  setText(byId("team"), state.team);
  if (!byId("workspace-mark").firstChild) byId("workspace-mark").append(icon("bars"));
  reconcile(
    byId("channels"),
    state.channels.map((one) =>
      channelItem(one, { isOpen: one.id === openId, isUnread: unread.has(one.id), choose }),
    ),
  );
  byId("trouble").hidden = !state.injections.length;
  reconcile(byId("injections"), state.injections.map(injectionItem));
  setText(byId("clock-time"), clockTime(state.now));
  setText(byId("clock-day"), shortDay(state.now));
  setText(byId("clock-status"), state.status);
}
