// Makes elements without ever reading data as markup, and keeps lists up to date node by node.

const SVG = "http://www.w3.org/2000/svg";

function dress(element, props, children) {
  for (const [name, value] of Object.entries(props)) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "on") for (const [event, act] of Object.entries(value)) element.addEventListener(event, act);
    else if (name === "data") Object.assign(element.dataset, value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(
    ...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false),
  );
  return element;
}

/**
 * Make an element. `on` takes listeners, `data` data attributes, all else are attributes; null and false are left out.
 * @param {string} name
 * @param {Record<string, any>} [props]
 * @param {...(Node|string|null|false|undefined|Array)} children
 */
export const h = (name, props = {}, ...children) => dress(document.createElement(name), props, children);

/** Make an SVG element, as `h` does. */
export const svg = (name, props = {}, ...children) =>
  dress(document.createElementNS(SVG, name), props, children);

export const byId = (id) => document.getElementById(id);

/** Set text only where it differs, so that screen readers hear of changes only. */
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

const kept = new WeakMap();

/**
 * Make a container show these items in this order, building only those whose signature changed.
 * Focus, open details and sideways scrolling survive inside a node that is replaced.
 * @param {HTMLElement} container
 * @param {{key: string, signature: string, build: (isReplacement: boolean) => HTMLElement}[]} items
 */
export function reconcile(container, items) {
  const before = kept.get(container);
  if (!before) container.replaceChildren();
  const after = new Map();
  let place = container.firstChild;
  for (const { key, signature, build } of items) {
    const old = before?.get(key);
    const node = old?.signature === signature ? old.node : build(Boolean(old));
    if (old && node !== old.node) {
      if (place === old.node) place = node;
      replace(old.node, node);
    } else if (!old) container.insertBefore(node, place);
    else if (place !== node) container.insertBefore(node, place);
    place = node.nextSibling;
    after.set(key, { node, signature });
  }
  for (const [key, { node }] of before ?? []) if (!after.has(key)) node.remove();
  kept.set(container, after);
}

const keyed = (root, key) => root.querySelector(`[data-key="${CSS.escape(key)}"]`);

function replace(old, node) {
  const focused = old.contains(document.activeElement) ? document.activeElement.closest("[data-key]") : null;
  old.replaceWith(node);
  for (const details of old.querySelectorAll("details[data-key]")) {
    const twin = keyed(node, details.dataset.key);
    if (twin) twin.open = details.open;
  }
  for (const box of old.querySelectorAll(".scroll-x[data-key]")) {
    const twin = keyed(node, box.dataset.key);
    if (twin) twin.scrollLeft = box.scrollLeft;
  }
  if (focused) keyed(node, focused.dataset.key)?.focus({ preventScroll: true });
}
