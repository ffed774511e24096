// The field that people type into: commands with completion by keyboard, and what was sent before with ArrowUp.

import { explain, post } from "./api.js";
import { h } from "./dom.js";
import { icon } from "./icons.js";

/** @typedef {{command: string, usage_hint: string, description: string}} Command */

export class Composer {
  /**
   * @param {HTMLElement} box where to put the field
   * @param {{id: string, label: string, commands: () => Command[], target: () => object, onSent: () => void}} options
   *   `target` is what goes with the text: the channel, perhaps a thread
   */
  constructor(box, { id, label, commands, target, onSent }) {
    Object.assign(this, { id, commands, target, onSent });
    this.sent = [];
    this.back = 0;
    this.choice = 0;
    this.isClosed = false;
    this.list = h("ul", {
      class: "completions",
      role: "listbox",
      id: `${id}-list`,
      "aria-label": "Commands",
      hidden: true,
    });
    this.hint = h("p", { class: "usage", id: `${id}-usage`, hidden: true });
    this.input = h("textarea", {
      id: `${id}-text`,
      rows: "1",
      autocomplete: "off",
      spellcheck: "false",
      role: "combobox",
      "aria-label": label,
      "aria-autocomplete": "list",
      "aria-expanded": "false",
      "aria-controls": `${id}-list`,
      "aria-describedby": `${id}-usage`,
      on: { input: () => this.typed(), keydown: (event) => this.keyed(event), blur: () => this.close() },
    });
    this.send = h("button", { type: "submit", class: "btn btn-send", "aria-label": "Send" }, icon("send"));
    this.outcome = h("span", { class: "outcome", role: "status" });
    this.failure = h("p", { class: "inline-error", role: "alert", hidden: true });
    const form = h(
      "form",
      { class: "composer", on: { submit: (event) => this.submit(event) } },
      this.list,
      this.hint,
      this.failure,
      h("div", { class: "composer-box" }, this.input, this.send),
      h(
        "div",
        { class: "composer-foot" },
        this.outcome,
        h("span", { class: "keys" }, h("kbd", {}, "Enter"), " to send"),
      ),
    );
    box.replaceChildren(form);
  }

  set placeholder(text) {
    this.input.placeholder = text;
  }

  /** Put a text into the field, ready to be completed or sent. */
  fill(text) {
    this.input.value = text;
    this.input.focus();
    this.input.setSelectionRange(text.length, text.length);
    this.typed();
  }

  typed() {
    this.back = 0;
    this.choice = 0;
    this.isClosed = false;
    this.failure.hidden = true;
    this.redraw();
  }

  get matches() {
    const text = this.input.value;
    if (this.isClosed || !/^\/\S*$/.test(text)) return [];
    return this.commands().filter(({ command }) => command.startsWith(text));
  }

  redraw() {
    const { matches, input, list } = this;
    const option = ({ command, usage_hint: usage, description }, index) =>
      h(
        "li",
        {
          role: "option",
          id: `${this.id}-option-${index}`,
          "aria-selected": String(index === this.choice),
          on: { pointerdown: (event) => this.pick(event, index) },
        },
        h("span", {}, h("b", {}, command), " ", h("span", { class: "usage-hint" }, usage)),
        h("span", { class: "muted" }, description),
      );
    list.replaceChildren(...matches.map(option));
    list.hidden = !matches.length;
    input.setAttribute("aria-expanded", String(matches.length > 0));
    if (matches.length) input.setAttribute("aria-activedescendant", `${this.id}-option-${this.choice}`);
    else input.removeAttribute("aria-activedescendant");
    this.advise();
  }

  /** Once a command is complete, show what it takes. */
  advise() {
    const [, typed] = /^(\/\S+)\s/.exec(this.input.value) ?? [];
    const known = this.commands().find(({ command }) => command === typed);
    this.hint.hidden = !known;
    this.hint.replaceChildren(
      ...(known
        ? [
            h("b", {}, known.command),
            ` ${known.usage_hint}`,
            h("span", { class: "muted" }, ` ${known.description}`),
          ]
        : []),
    );
  }

  close() {
    this.isClosed = true;
    this.redraw();
  }

  pick(event, index) {
    event.preventDefault();
    this.fill(`${this.matches[index].command} `);
  }

  keyed(event) {
    const { matches, input } = this;
    const act = matches.length ? this.listKey(event, matches) : this.plainKey(event, input);
    if (!act) return;
    event.preventDefault();
    event.stopPropagation();
    act();
  }

  listKey({ key, shiftKey }, matches) {
    const chosen = matches[this.choice].command;
    const move = (by) => () => {
      this.choice = (this.choice + by + matches.length) % matches.length;
      this.redraw();
    };
    const isComplete = this.input.value === chosen;
    switch (key) {
      case "ArrowDown":
        return move(1);
      case "ArrowUp":
        return move(-1);
      case "Escape":
        return () => this.close();
      case "Enter":
        return isComplete ? () => this.input.form.requestSubmit() : () => this.fill(`${chosen} `);
      case "Tab":
        return shiftKey ? null : () => this.fill(`${chosen} `);
      default:
        return null;
    }
  }

  plainKey({ key, shiftKey, isComposing }, input) {
    if (key === "Enter" && !shiftKey && !isComposing) return () => input.form.requestSubmit();
    const isBrowsing = this.back > 0 || !input.value;
    if (key === "ArrowUp" && isBrowsing && this.back < this.sent.length)
      return () => this.recall(this.back + 1);
    if (key === "ArrowDown" && this.back > 0) return () => this.recall(this.back - 1);
    return null;
  }

  recall(back) {
    this.fill(back ? this.sent.at(-back) : "");
    this.close();
    this.back = back;
  }

  async submit(event) {
    event.preventDefault();
    const text = this.input.value.trim();
    if (!text) return;
    this.sent.push(text);
    this.fill("");
    this.outcome.textContent = "Sending…";
    const outcome = await post("command", { ...this.target(), text });
    this.outcome.textContent =
      outcome.ok && outcome.took_s ? `The bot took ${Math.max(1, Math.round(outcome.took_s * 1000))} ms` : "";
    if (!outcome.ok) {
      if (!outcome.status && !this.input.value) this.fill(text);
      this.failure.textContent = explain(outcome);
      this.failure.hidden = false;
    }
    this.onSent();
  }
}
