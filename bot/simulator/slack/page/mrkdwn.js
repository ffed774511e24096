// Slack's own markup (mrkdwn) as nodes. Angle brackets and code are taken out first, so that a * or _ in an
// address, a date pattern or code never opens bold or italics.

import { fillDate } from "./dates.js";
import { h } from "./dom.js";
import { emoji } from "./emoji.js";

/**
 * @typedef {{now: number, users: Record<string, {name: string, real_name: string}>,
 *   channels: {id: string, name: string}[]}} Scene what a text may refer to
 */

const decode = (text) => text.replace(/&(lt|gt|amp);/g, (_, name) => ({ lt: "<", gt: ">", amp: "&" })[name]);

/** Return a link for http, https and mailto; anything else as its label. */
export function link(url, label) {
  if (!/^(https?:\/\/|mailto:)/i.test(url)) return document.createTextNode(label || url);
  return h(
    "a",
    { href: url, target: "_blank", rel: "noopener noreferrer" },
    label || url.replace(/^mailto:/i, ""),
  );
}

export function userMention(id, scene, label) {
  const user = scene.users[id];
  return h("span", { class: "mention", title: user?.real_name }, `@${user?.name ?? label ?? id}`);
}

export function channelMention(id, scene, label) {
  const channel = scene.channels.find((one) => one.id === id);
  return h("span", { class: "mention" }, `#${channel?.name ?? label ?? id}`);
}

export const broadcastMention = (range) => h("span", { class: "mention mention-all" }, `@${range}`);

function angle(inside, scene, atStart) {
  const bar = inside.indexOf("|");
  const target = decode(bar < 0 ? inside : inside.slice(0, bar));
  const label = bar < 0 ? "" : decode(inside.slice(bar + 1));
  if (/^@[UW]/.test(target)) return userMention(target.slice(1), scene, label);
  if (target.startsWith("#")) return channelMention(target.slice(1), scene, label);
  if (target.startsWith("!date^")) return date(target, label, scene, atStart);
  if (/^!(here|channel|everyone)$/.test(target)) return broadcastMention(target.slice(1));
  if (target.startsWith("!")) return document.createTextNode(label || target.slice(1));
  return link(target, label);
}

function date(target, fallback, scene, atStart) {
  const [, unix, pattern = "", url] = target.split("^");
  const text = fillDate(Number(unix), pattern, scene.now, atStart) ?? (fallback || target);
  return h("time", { title: fallback || null }, url ? link(url, text) : text);
}

const PLACE = "\uE000";
/** Code, what stands in angle brackets, and bare addresses up to the punctuation that ends a sentence. */
const TAKEN_OUT = new RegExp(
  "`([^`\\n]+)`|<([^<>\\n]+)>" +
    "|(?<![\\w/])(https?:\\/\\/(?:(?!&[lg]t;)[^\\s<>|`])*(?!&[lg]t;)[^\\s<>|`.,:;!?\"')\\]*_~])",
  "g",
);
const MARKS = new RegExp(
  ["\\*", "_", "~"]
    .map((m) => `(?<![\\w${m}])${m}(?!\\s)([^${m}\\n]*[^${m}\\s])${m}(?![\\w${m}])`)
    .join("|") + `|:([a-z0-9_+-]+):|${PLACE}(\\d+)${PLACE}`,
  "g",
);

/** Nothing but emoji and signs so far: a word that follows begins the line. */
const LINE_START = /(^|\n)(?::[a-z0-9_+-]+:|[^\p{L}\p{N}\n])*$/u;

/** Render what stands within lines: marks, links, emoji, code. */
function inline(source, scene, isVerbatim) {
  const taken = [];
  const clean = source.replaceAll(PLACE, "");
  const text = clean.replace(TAKEN_OUT, (_, code, inside, address, offset) => {
    if (address && isVerbatim) return address;
    const atStart = LINE_START.test(clean.slice(0, offset));
    if (code) taken.push(() => h("code", {}, decode(angled(code))));
    else if (inside) taken.push(() => angle(inside, scene, atStart));
    else taken.push(() => link(decode(address)));
    return `${PLACE}${taken.length - 1}${PLACE}`;
  });
  return marked(text, taken);
}

function marked(text, taken) {
  const nodes = [];
  let from = 0;
  for (const found of text.matchAll(MARKS)) {
    const [whole, bold, italic, strike, name, place] = found;
    nodes.push(decode(text.slice(from, found.index)));
    from = found.index + whole.length;
    if (bold) nodes.push(h("strong", {}, marked(bold, taken)));
    else if (italic) nodes.push(h("em", {}, marked(italic, taken)));
    else if (strike) nodes.push(h("s", {}, marked(strike, taken)));
    else if (name) nodes.push(emoji(name));
    else nodes.push(taken[Number(place)]());
  }
  nodes.push(decode(text.slice(from)));
  return nodes;
}

/** In code, Slack shows an address by its label. */
const angled = (code) => code.replace(/<(?:[^<>|\n]*\|)?([^<>\n]*)>/g, "$1");

const isQuote = (line) => /^(&gt;|>)/.test(line);
const unquoted = (line) => line.replace(/^(&gt;|>) ?/, "");

function lines(text, scene, isVerbatim) {
  const nodes = [];
  const all = text.split("\n");
  for (let start = 0, end; start < all.length; start = end) {
    end = start + 1;
    while (end < all.length && isQuote(all[end]) === isQuote(all[start])) end += 1;
    const run = all.slice(start, end);
    if (isQuote(run[0]))
      nodes.push(h("blockquote", {}, inline(run.map(unquoted).join("\n"), scene, isVerbatim)));
    else nodes.push(...inline(run.join("\n"), scene, isVerbatim));
  }
  return nodes;
}

/**
 * Return the nodes of a mrkdwn text; its line breaks need `white-space: pre-wrap`.
 * @param {string} text @param {Scene} scene @param {boolean} isVerbatim make no links of bare addresses
 * @returns {(Node|string)[]}
 */
export function mrkdwn(text, scene, isVerbatim = false) {
  const parts = text.split(/\n?```\n?([\s\S]*?)\n?```\n?/);
  return parts.flatMap((part, index) => {
    if (index % 2) return h("pre", { tabindex: "0" }, decode(angled(part)));
    return part ? lines(part, scene, isVerbatim) : [];
  });
}

/** Render a text object, plain or mrkdwn, or a bare string. */
export function textObject(object, scene) {
  if (typeof object === "string") return plainText(object);
  if (object?.type !== "mrkdwn") return plainText(object?.text ?? "");
  return mrkdwn(object.text ?? "", scene, object.verbatim);
}

/** Render plain text, in which only emoji shortcodes mean anything. */
export const plainText = (text) =>
  text.split(/:([a-z0-9_+-]+):/).map((part, index) => (index % 2 ? emoji(part) : part));
