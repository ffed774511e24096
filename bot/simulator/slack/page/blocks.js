// Block Kit blocks as nodes; a type that the page does not know becomes a small note.

import { visualization } from "./chart.js";
import { h } from "./dom.js";
import { isPressable, pressable } from "./elements.js";
import { markdown } from "./markdown.js";
import { plainText, textObject } from "./mrkdwn.js";
import { richText } from "./rich_text.js";
import { dataTable, table } from "./tables.js";

/**
 * Where something is drawn: whom a press tells, and a path that stays the same when the message is edited.
 * @typedef {{scene: import("./mrkdwn.js").Scene, channel: string, ts: string, blockId: string, path: string}} Context
 */

const note = (text) => h("p", { class: "unknown" }, text);
const text = (object, { scene }, props = {}) =>
  h("div", { class: "text", ...props }, textObject(object, scene));

function picture({ image_url: address, slack_file: file, alt_text: alt = "Image" }, className) {
  const url = file ? (file.url ?? `${location.origin}/upload/${file.id}`) : (address ?? "");
  const isOwn = url.startsWith("data:image/") || url.startsWith(`${location.origin}/`);
  if (isOwn) return h("img", { class: className, src: url, alt, title: alt });
  return h("span", { class: `${className} no-picture`, role: "img", "aria-label": alt, title: url }, alt);
}

function element(one, context) {
  if (isPressable(one)) return pressable(one, context);
  if (one.type === "image") return picture(one, "thumbnail");
  return note(`${one.type} is not drawn here`);
}

function section(block, context) {
  const { accessory } = block;
  return h(
    "div",
    { class: `section${accessory ? " has-accessory" : ""}` },
    h(
      "div",
      { class: "section-main" },
      block.text && text(block.text, context),
      block.fields &&
        h(
          "div",
          { class: "fields" },
          block.fields.map((field) => text(field, context, { class: "text field" })),
        ),
    ),
    accessory && h("div", { class: "accessory" }, element(accessory, context)),
  );
}

function header(block) {
  const level = block.level ?? 1;
  return h(
    "div",
    { class: `heading heading-${level}`, role: "heading", "aria-level": String(level + 2) },
    plainText(block.text.text),
  );
}

function contextLine(block, context) {
  const one = (item) =>
    item.type === "image"
      ? picture(item, "icon-picture")
      : h("span", { class: "text" }, textObject(item, context.scene));
  return h("div", { class: "context" }, block.elements.map(one));
}

const actions = (block, context) =>
  h(
    "div",
    { class: "actions" },
    block.elements.map((one, index) => element(one, { ...context, path: `${context.path}/${index}` })),
  );

const image = (block) =>
  h(
    "figure",
    { class: "image" },
    block.title && h("figcaption", {}, plainText(block.title.text)),
    picture(block, "picture"),
  );

function container(block, context) {
  const title = block.rich_text_title
    ? richText(block.rich_text_title, context.scene)
    : plainText(block.title?.text ?? "Details");
  const head = [
    h("span", { class: "container-title" }, title),
    block.subtitle && h("span", { class: "container-subtitle" }, textObject(block.subtitle, context.scene)),
  ];
  const children = h("div", { class: "container-body" }, blocks(block.child_blocks, context));
  if (!block.is_collapsible)
    return h("section", { class: "container" }, h("div", { class: "container-head" }, head), children);
  return h(
    "details",
    { class: "container", open: !block.default_collapsed, data: { key: context.path } },
    h("summary", { class: "container-head", data: { key: `${context.path}/summary` } }, head),
    children,
  );
}

const ALERTS = { info: "Note", warning: "Warning", error: "Error", success: "Done" };

function alert(block, context) {
  const level = block.level in ALERTS ? block.level : "default";
  return h(
    "div",
    { class: `alert alert-${level}`, role: "note" },
    h("span", { class: "sr" }, ALERTS[level] ?? "Note"),
    text(block.text, context),
  );
}

function card(block, context) {
  const line = (name, className) => block[name] && text(block[name], context, { class: `text ${className}` });
  return h(
    "div",
    { class: "card" },
    block.hero_image && picture(block.hero_image, "picture"),
    h(
      "div",
      { class: "card-head" },
      block.icon && picture(block.icon, "thumbnail"),
      h("div", {}, line("title", "card-title"), line("subtitle", "muted")),
    ),
    line("body", "card-body"),
    line("subtext", "muted"),
    block.actions && actions({ elements: block.actions }, context),
  );
}

const carousel = (block, context) =>
  h(
    "div",
    { class: "carousel scroll-x", tabindex: "0", role: "group", "aria-label": "Cards" },
    blocks(block.elements, context),
  );

const DRAWN = {
  section,
  header,
  context: contextLine,
  actions,
  image,
  container,
  alert,
  card,
  carousel,
  table,
  divider: () => h("hr"),
  rich_text: (block, context) => richText(block, context.scene),
  markdown: (block) => markdown(block.text),
  data_table: dataTable,
  data_visualization: visualization,
};

/** One block of an unforeseen shape must not take the page down. */
function drawn(block, context) {
  if (!Object.hasOwn(DRAWN, block.type)) return note(`A block of type ${block.type} is not drawn here`);
  try {
    return DRAWN[block.type](block, context);
  } catch (error) {
    return note(`This ${block.type} block could not be drawn (${error.message})`);
  }
}

/**
 * Render blocks.
 * @param {object[]} list @param {Context} context
 * @returns {HTMLElement[]}
 */
export function blocks(list, context) {
  return (list ?? []).map((block, index) => {
    const node = drawn(block, {
      ...context,
      blockId: block.block_id ?? "",
      path: `${context.path}/${index}`,
    });
    node.dataset.block = block.type;
    return node;
  });
}
