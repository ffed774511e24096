// The rich_text block: sections, lists, quotes and preformatted text of inline elements.

import { fillDate } from "./dates.js";
import { h } from "./dom.js";
import { emoji } from "./emoji.js";
import { broadcastMention, channelMention, link, userMention } from "./mrkdwn.js";

const WRAPPERS = {
  code: "code",
  bold: "strong",
  italic: "em",
  strike: "s",
  underline: "u",
  highlight: "mark",
};

function plain(element, scene) {
  switch (element.type) {
    case "text":
      return document.createTextNode(element.text);
    case "link":
      return link(element.url, element.text);
    case "emoji":
      return emoji(element.name);
    case "user":
      return userMention(element.user_id, scene);
    case "channel":
      return channelMention(element.channel_id, scene);
    case "broadcast":
      return broadcastMention(element.range);
    case "usergroup":
      return h("span", { class: "mention" }, `@${element.usergroup_id}`);
    case "color":
      return h("code", {}, element.value);
    case "date": {
      const text =
        fillDate(element.timestamp, element.format, scene.now, false) ?? element.fallback ?? element.format;
      return element.url ? link(element.url, text) : h("time", {}, text);
    }
    default:
      return h("span", { class: "unknown" }, `[${element.type}]`);
  }
}

function inline(element, scene) {
  return Object.keys(WRAPPERS)
    .filter((name) => element.style?.[name])
    .reduce((node, name) => h(WRAPPERS[name], {}, node), plain(element, scene));
}

const run = (elements, scene) => (elements ?? []).map((element) => inline(element, scene));

function part(element, scene) {
  switch (element.type) {
    case "rich_text_list": {
      const ordered = element.style === "ordered";
      return h(
        ordered ? "ol" : "ul",
        {
          class: `indent-${Math.min(element.indent ?? 0, 8)}`,
          start: ordered && element.offset ? element.offset + 1 : null,
        },
        element.elements.map((item) => h("li", {}, run(item.elements, scene))),
      );
    }
    case "rich_text_quote":
      return h("blockquote", {}, run(element.elements, scene));
    case "rich_text_preformatted":
      return h("pre", { tabindex: "0" }, run(element.elements, scene));
    default:
      return h("div", {}, run(element.elements, scene));
  }
}

/** Render a rich_text block, or one rich_text_section of it. */
export function richText(block, scene) {
  const parts = block.type === "rich_text" ? (block.elements ?? []) : [block];
  return h(
    "div",
    { class: "text rich" },
    parts.map((element) => part(element, scene)),
  );
}
