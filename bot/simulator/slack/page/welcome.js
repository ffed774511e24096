// What a newcomer reads at the top of a channel, and in full while it is empty.

import { h } from "./dom.js";

const step = (number, title, ...text) =>
  h(
    "li",
    {},
    h("span", { class: "step", "aria-hidden": "true" }, String(number)),
    h("div", {}, h("strong", {}, title), h("p", {}, text)),
  );

/** What to ask about in the demo; any other command shows what it takes. */
const EXAMPLES = { "/agora-call": "lesson-algebra-7b" };

function tryIt({ command, usage_hint: usage }, fill) {
  const example = EXAMPLES[command] ?? "";
  return h(
    "button",
    {
      type: "button",
      class: "chip",
      data: { key: `try/${command}` },
      on: { click: () => fill(`${command} ${example}`) },
    },
    h("b", {}, command),
    ` ${example || usage}`,
  );
}

/**
 * Return the item that opens a channel's list.
 * @param {object} channel @param {object} state @param {(text: string) => void} fill puts a text into the composer
 */
export function welcome(channel, state, fill) {
  const isEmpty = channel.messages.length === 0;
  const lead = isEmpty
    ? "All quiet so far. A bot watches simulated Agora calls and posts here as soon as people see or hear badly."
    : `This is the beginning of #${channel.name}.`;
  const build = () =>
    h(
      "section",
      { class: `welcome${isEmpty ? " welcome-full" : ""}` },
      h("p", { class: "welcome-title" }, isEmpty ? `Welcome to #${channel.name}` : `# ${channel.name}`),
      h("p", { class: "muted" }, lead),
      isEmpty &&
        h(
          "ol",
          { class: "steps" },
          state.injections.length > 0 &&
            step(
              1,
              "Wait, or make trouble",
              "The first trouble may come by itself. Or choose one under Make trouble on the left; an alert follows within a few simulated minutes.",
            ),
          step(
            state.injections.length ? 2 : 1,
            "Ask about a call",
            "Type / to see the commands, or begin with one of these:",
            h(
              "span",
              { class: "chips" },
              state.commands.map((one) => tryIt(one, fill)),
            ),
          ),
          step(
            state.injections.length ? 3 : 2,
            "Look behind the scenes",
            "Press ",
            h("kbd", {}, "t"),
            " to read every request between the bot and Slack.",
          ),
        ),
    );
  return {
    key: "welcome",
    signature: JSON.stringify([channel.name, isEmpty, state.commands, state.injections.length]),
    build,
  };
}
