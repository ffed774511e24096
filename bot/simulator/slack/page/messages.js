// Messages as nodes: who, when, what, its attachments and its thread.

import { blocks } from "./blocks.js";
import { clockTime, fullTime } from "./dates.js";
import { h } from "./dom.js";
import { icon } from "./icons.js";
import { mrkdwn, textObject } from "./mrkdwn.js";

/**
 * @typedef {{ts: string, user: string, text: string, blocks: object[], attachments: object[], thread_ts: string|null,
 *   reply_count: number, edited: boolean, ephemeral_to: string|null, broadcast: boolean,
 *   reactions?: {name: string, users: string[], count: number}[]}} Message
 * @typedef {{state: object, channel: {id: string, name: string, messages: Message[]}, scene: object,
 *   openThread: (ts: string) => void}} Place where messages are shown
 */

export const isReply = (message) => Boolean(message.thread_ts) && message.thread_ts !== message.ts;

const someone = (place, id) =>
  place.state.users[id] ?? { id, name: id, real_name: id, is_bot: false, color: "#757575" };

function avatar(user, className = "avatar") {
  const initials = user.real_name
    .split(/\s+/)
    .map((word) => word[0])
    .slice(0, 2)
    .join("")
    .toUpperCase();
  const node = h("span", { class: className, "aria-hidden": "true" }, user.is_bot ? icon("bars") : initials);
  if (/^#?[0-9a-f]{6}$/i.test(user.color ?? ""))
    node.style.backgroundColor = `#${user.color.replace("#", "")}`;
  return node;
}

const BAR_COLOURS = { good: "#2eb886", warning: "#daa038", danger: "#a30200" };

function attachment(one, context) {
  const node = h(
    "div",
    { class: "attachment" },
    one.pretext && h("div", { class: "text" }, mrkdwn(one.pretext, context.scene)),
    one.title && h("div", { class: "attachment-title" }, one.title),
    !one.blocks?.length && h("div", { class: "text" }, mrkdwn(one.text || one.fallback || "", context.scene)),
    one.fields &&
      h(
        "div",
        { class: "fields" },
        one.fields.map(({ title, value }) =>
          h(
            "div",
            { class: "text field" },
            h("strong", {}, title),
            "\n",
            textObject({ type: "mrkdwn", text: String(value ?? "") }, context.scene),
          ),
        ),
      ),
    blocks(one.blocks, context),
    one.footer && h("div", { class: "context" }, one.footer),
  );
  const colour =
    BAR_COLOURS[one.color] ??
    (/^#?[0-9a-f]{6}$/i.test(one.color ?? "") ? `#${one.color.replace("#", "")}` : null);
  if (colour) node.style.setProperty("--bar", colour);
  return node;
}

function body(message, place) {
  const context = {
    scene: place.scene,
    channel: place.channel.id,
    ts: message.ts,
    blockId: "",
    path: message.ts,
  };
  const says = message.blocks?.length
    ? blocks(message.blocks, context)
    : message.text && h("div", { class: "text" }, mrkdwn(message.text, place.scene));
  const hung = (message.attachments ?? []).map((one, index) =>
    attachment(one, { ...context, path: `${message.ts}/a${index}` }),
  );
  return h("div", { class: "body" }, says, hung);
}

function reactions(message) {
  if (!message.reactions?.length) return null;
  const one = ({ name, count }) => h("li", {}, mrkdwn(`:${name}:`, {}), ` ${count}`);
  return h("ul", { class: "reactions", "aria-label": "Reactions" }, message.reactions.map(one));
}

export const plural = (count, one, many) => `${count} ${count === 1 ? one : many}`;

function threadSummary(message, place) {
  const replies = place.channel.messages.filter((one) => isReply(one) && one.thread_ts === message.ts);
  const seen = replies.filter((one) => !one.ephemeral_to);
  if (!replies.length) return null;
  const count = message.reply_count || seen.length;
  const words = count
    ? plural(count, "reply", "replies")
    : "Only visible to you: " + plural(replies.length, "reply", "replies");
  const faces = [...new Set(replies.map((one) => one.user))]
    .slice(0, 3)
    .map((id) => avatar(someone(place, id), "avatar avatar-small"));
  return h(
    "button",
    {
      type: "button",
      class: "replies",
      data: { key: `${message.ts}/replies` },
      on: { click: () => place.openThread(message.ts) },
    },
    faces,
    h("span", { class: "replies-count" }, words),
    h("span", { class: "muted" }, `Last reply ${clockTime(replies.at(-1).ts)}`),
  );
}

function head(user, message) {
  return h(
    "div",
    { class: "head" },
    h("span", { class: "who", id: `who-${message.ts}` }, user.is_bot ? user.name : user.real_name),
    user.is_bot && h("span", { class: "badge" }, "App"),
    h(
      "time",
      { class: "when", title: fullTime(message.ts), datetime: new Date(message.ts * 1000).toISOString() },
      clockTime(message.ts),
    ),
    message.edited && h("span", { class: "edited" }, "(edited)"),
  );
}

const privately = () => h("p", { class: "ephemeral-mark" }, icon("eye"), "Only visible to you");

/**
 * Draw a message.
 * @param {Message} message @param {Place} place
 * @param {{compact: boolean, inThread: boolean, isReplacement: boolean}} how
 */
export function draw(message, place, { compact, inThread, isReplacement }) {
  const user = someone(place, message.user);
  const isRoot = !isReply(message) && !message.ephemeral_to;
  const kind = [
    compact && "compact",
    message.ephemeral_to && "ephemeral",
    isReplacement ? "updated" : "arrived",
  ]
    .filter(Boolean)
    .join(" ");
  return h(
    "article",
    {
      class: `message ${kind}`,
      "aria-label": `${user.real_name}, ${clockTime(message.ts)}`,
      data: { ts: message.ts },
    },
    compact
      ? h("time", { class: "gutter-time", "aria-hidden": "true" }, clockTime(message.ts))
      : avatar(user),
    h(
      "div",
      { class: "content" },
      message.ephemeral_to && privately(),
      !compact && head(user, message),
      !inThread &&
        isReply(message) &&
        h("p", { class: "muted" }, "replied to a thread, also sent to the channel"),
      body(message, place),
      reactions(message),
      !inThread && !isReply(message) && threadSummary(message, place),
    ),
    !inThread &&
      isRoot &&
      h(
        "button",
        {
          type: "button",
          class: "btn btn-small hover-action",
          data: { key: `${message.ts}/reply` },
          on: { click: () => place.openThread(message.ts) },
        },
        icon("reply"),
        "Reply",
      ),
  );
}
