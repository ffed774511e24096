/** rich_text blocks: sections, lists, quotes and preformatted text. */

import { el } from "./dom.js";
import { emoji, link, nameOf } from "./mrkdwn.js";

/** Return a rich_text block as a fragment. */
export function richText(block) {
  const fragment = document.createDocumentFragment();
  for (const part of block.elements ?? []) fragment.append(container(part));
  return fragment;
}

function container(part) {
  const children = (part.elements ?? []).map((one) => (one.elements ? container(one) : leaf(one)));
  if (part.type === "rich_text_list") {
    const items = children.map((child) => el("li", {}, child));
    return el(part.style === "ordered" ? "ol" : "ul", {}, ...items);
  }
  if (part.type === "rich_text_preformatted") return el("pre.code-block", {}, ...children);
  return el(part.type === "rich_text_quote" ? "blockquote.quote" : "div", {}, ...children);
}

function leaf(one) {
  if (one.type === "link") return link(one.url, one.text || one.url);
  if (one.type === "emoji") return el("span.emoji", {}, emoji(one.name));
  if (one.type === "user") return el("span.mention", {}, `@${nameOf(one.user_id)}`);
  const style = one.style ?? {};
  let node = document.createTextNode(one.text ?? "");
  for (const [key, tag] of [["code", "code"], ["bold", "strong"], ["italic", "em"], ["strike", "s"]]) {
    if (style[key]) node = el(tag, {}, node);
  }
  return node;
}
