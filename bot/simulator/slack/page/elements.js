// What can be pressed in a message: buttons, menus and selects. A press may outlive the node it was made on
// (the bot edits the message before its answer is in), so what is busy or failed is kept by key.

import { explain, post } from "./api.js";
import { byId, h, setText } from "./dom.js";
import { plainText, textObject } from "./mrkdwn.js";

/** @typedef {import("./blocks.js").Context} Context */

const busy = new Set();
const failures = new Map();

function show(key) {
  for (const control of document.querySelectorAll(`[data-control="${CSS.escape(key)}"]`)) dress(control, key);
}

function dress(control, key) {
  const pressed = control.querySelector("[data-key]");
  pressed.setAttribute("aria-busy", String(busy.has(key)));
  pressed.toggleAttribute("aria-disabled", busy.has(key));
  const said = control.querySelector(".inline-error");
  said.textContent = failures.get(key) ?? "";
  said.hidden = !failures.has(key);
}

/** Wrap what is pressed, with room for the error of its delivery. */
function control(key, pressed) {
  pressed.dataset.key = key;
  const node = h(
    "div",
    { class: "control", data: { control: key } },
    pressed,
    h("p", { class: "inline-error", role: "alert" }),
  );
  dress(node, key);
  return node;
}

/**
 * Deliver a press, after the confirm dialog if there is one.
 * @param {string} key @param {object} element @param {string|null} value @param {Context} context
 */
async function press(key, element, value, context) {
  if (busy.has(key) || (element.confirm && !(await confirmed(element.confirm, context)))) return;
  busy.add(key);
  failures.delete(key);
  show(key);
  const { channel, ts, blockId: block_id } = context;
  const outcome = await post("click", { channel, ts, action_id: element.action_id ?? "", block_id, value });
  busy.delete(key);
  const name = element.text?.text;
  if (!outcome.ok) failures.set(key, `${name ? `${name}: ` : ""}${explain(outcome)}`);
  show(key);
  const isGone = !document.querySelector(`[data-control="${CSS.escape(key)}"]`);
  notify(isGone ? (failures.get(key) ?? "") : "");
}

/** Say above the messages what cannot be said beside a button that an edit took away. */
function notify(text) {
  setText(byId("notice"), text);
  byId("notice").hidden = !text;
}

/** Ask in a dialog; return whether the person agreed. */
function confirmed({ title, text, confirm, deny, style }, context) {
  return new Promise((resolve) => {
    const no = h("button", { type: "submit", class: "btn", value: "no" }, plainText(deny?.text ?? "Cancel"));
    const yes = h(
      "button",
      { type: "submit", class: `btn btn-${style === "danger" ? "danger" : "primary"}`, value: "yes" },
      plainText(confirm?.text ?? "Yes"),
    );
    const dialog = h(
      "dialog",
      { class: "confirm", "aria-labelledby": "confirm-title", "aria-describedby": "confirm-text" },
      h(
        "form",
        { method: "dialog" },
        h("h2", { id: "confirm-title" }, plainText(title?.text ?? "Are you sure?")),
        h("div", { class: "text", id: "confirm-text" }, textObject(text, context.scene)),
        h("div", { class: "confirm-buttons" }, no, yes),
      ),
    );
    dialog.addEventListener("close", () => {
      resolve(dialog.returnValue === "yes");
      dialog.remove();
    });
    document.body.append(dialog);
    dialog.showModal();
    (style === "danger" ? no : yes).focus();
  });
}

const STYLES = { primary: "btn btn-primary", danger: "btn btn-danger" };

function button(element, key, context) {
  const dressUp = { class: STYLES[element.style] ?? "btn", "aria-label": element.accessibility_label };
  if (/^https?:/i.test(element.url ?? "")) {
    const opens = { href: element.url, target: "_blank", rel: "noopener noreferrer" };
    const deliver = {
      click: () => press(key, { ...element, confirm: null }, element.value ?? null, context),
    };
    return h(
      "a",
      { ...dressUp, ...opens, on: deliver },
      plainText(element.text.text),
      h("span", { class: "sr" }, " (opens a new tab)"),
    );
  }
  const deliver = { click: () => press(key, element, element.value ?? null, context) };
  return h(
    "button",
    { type: "button", ...dressUp, on: deliver },
    h("span", { class: "btn-text" }, plainText(element.text.text)),
  );
}

function select(element, key, context) {
  const option = ({ text, value }) =>
    h("option", { value, selected: value === element.initial_option?.value }, text.text);
  const placeholder = element.placeholder?.text ?? "Choose an option";
  const node = h(
    "select",
    { class: "select", "aria-label": placeholder },
    h("option", { value: "", disabled: true, selected: !element.initial_option }, placeholder),
    (element.options ?? []).map(option),
    (element.option_groups ?? []).map((group) =>
      h("optgroup", { label: group.label.text }, group.options.map(option)),
    ),
  );
  node.addEventListener("change", () => press(key, element, node.value, context));
  return node;
}

/** Move the focus within a menu by arrow keys, Home and End. */
function roam(event) {
  const items = [...event.currentTarget.querySelectorAll("[role=menuitem]")];
  const at = items.indexOf(document.activeElement);
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: -1 }[event.key];
  if (to === undefined) return;
  event.preventDefault();
  items.at(to % items.length).focus();
}

function openMenu(opener, element, key, context) {
  const choose = (value) => {
    menu.hidePopover();
    press(key, element, value, context);
  };
  const item = ({ text, value, description, url }) => {
    const isLink = /^https?:/i.test(url ?? "");
    const opens = isLink ? { href: url, target: "_blank", rel: "noopener noreferrer" } : { type: "button" };
    return h(
      isLink ? "a" : "button",
      { ...opens, role: "menuitem", tabindex: "-1", on: { click: () => choose(value ?? null) } },
      h("span", {}, plainText(text.text)),
      description && h("small", {}, plainText(description.text)),
    );
  };
  const menu = h(
    "div",
    { class: "menu", popover: "auto", role: "menu", on: { keydown: roam } },
    element.options.map(item),
  );
  document.body.append(menu);
  menu.addEventListener("toggle", ({ newState }) => {
    if (newState === "open") return;
    menu.remove();
    opener.setAttribute("aria-expanded", "false");
    if (document.activeElement === document.body) opener.focus();
  });
  menu.showPopover();
  const { bottom, right } = opener.getBoundingClientRect();
  menu.style.top = `${Math.min(bottom + 4, innerHeight - menu.offsetHeight - 8)}px`;
  menu.style.left = `${Math.max(8, right - menu.offsetWidth)}px`;
  opener.setAttribute("aria-expanded", "true");
  menu.firstElementChild.focus();
}

function overflow(element, key, context) {
  const props = {
    type: "button",
    class: "btn btn-icon",
    "aria-label": "More actions",
    "aria-haspopup": "menu",
    "aria-expanded": "false",
  };
  return h(
    "button",
    { ...props, on: { click: (event) => openMenu(event.currentTarget, element, key, context) } },
    "⋯",
  );
}

const DRAWN = { button, static_select: select, overflow };

/** Return whether the page can draw this element as something to press. */
export const isPressable = (element) => Object.hasOwn(DRAWN, element.type);

/** Render an element to press, with its busy state and the error of its last delivery. */
export function pressable(element, context) {
  const { action_id: action = element.url, value } = element;
  const key = value ? `${context.ts}/${action}/${value}` : `${context.path}/${action}`; // edits may move it
  return control(key, DRAWN[element.type](element, key, context));
}
