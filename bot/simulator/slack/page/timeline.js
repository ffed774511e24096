// Which messages a channel and a thread show, and in what order: the items that reconcile keeps up to date.

import { dayKey, dayLine } from "./dates.js";
import { h } from "./dom.js";
import { draw, isReply, plural } from "./messages.js";

/**
 * @typedef {import("./messages.js").Message} Message
 * @typedef {import("./messages.js").Place} Place
 */

const GROUPED_S = 300;

const isPlain = (message) => !message.blocks?.length && !message.attachments?.length;

/** A person's next plain message within five minutes goes without a head of its own. */
function continues(message, before) {
  return (
    before &&
    isPlain(message) &&
    isPlain(before) &&
    !message.edited &&
    before.user === message.user &&
    !before.reply_count &&
    !isReply(before) &&
    before.ephemeral_to === message.ephemeral_to &&
    message.ts - before.ts < GROUPED_S
  );
}

/** What a node depends on besides its message: what day it is, and the minute where "ago" is said. */
function signature(message, place, extra) {
  const said = JSON.stringify(message);
  const { now } = place.scene;
  return [said, dayKey(now), said.includes("{ago}") ? Math.floor(now / 60) : "", extra].join("\u0000");
}

const item = (message, place, options) => ({
  key: message.ts,
  signature: signature(message, place, JSON.stringify(options)),
  build: (isReplacement) => draw(message, place, { ...options, isReplacement }),
});

const isMine = (place) => (message) => !message.ephemeral_to || message.ephemeral_to === place.state.me;

/** Return the messages of the channel itself: roots, what only this user sees, and what was also sent here. */
export const channelMessages = (place) =>
  place.channel.messages.filter((one) => isMine(place)(one) && (!isReply(one) || one.broadcast));

/** Return a thread's messages, its root first; empty if the root is gone. */
export function threadMessages(place, ts) {
  const root = place.channel.messages.find((one) => one.ts === ts);
  return root
    ? [
        root,
        ...place.channel.messages.filter((one) => isMine(place)(one) && isReply(one) && one.thread_ts === ts),
      ]
    : [];
}

/** Return the items of the channel's list: messages with a line wherever a new day begins. */
export function channelItems(place) {
  const items = [];
  let before = null;
  for (const message of channelMessages(place)) {
    const day = dayKey(message.ts);
    if (!before || dayKey(before.ts) !== day) {
      const words = dayLine(message.ts, place.scene.now);
      items.push({
        key: day,
        signature: words,
        build: () => h("h2", { class: "day" }, h("span", {}, words)),
      });
      before = null;
    }
    const summary = place.channel.messages
      .filter((one) => one.thread_ts === message.ts)
      .map((one) => one.ts)
      .join();
    const one = item(message, place, { compact: Boolean(continues(message, before)), inThread: false });
    items.push({ ...one, signature: one.signature + summary });
    before = message;
  }
  return items;
}

/** Return the items of a thread: the root, a line that counts, and the replies. */
export function threadItems(place, ts) {
  const [root, ...replies] = threadMessages(place, ts);
  const options = { compact: false, inThread: true };
  const words = replies.length ? plural(replies.length, "reply", "replies") : "No replies yet";
  const count = {
    key: "count",
    signature: words,
    build: () => h("p", { class: "day" }, h("span", {}, words)),
  };
  return [item(root, place, options), count, ...replies.map((one) => item(one, place, options))];
}
