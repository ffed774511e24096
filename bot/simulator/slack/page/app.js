// The page: follows the simulator's state and shows it.

import { getState, Offline, waitBeyond } from "./api.js";
import { Composer } from "./composer.js";
import { byId, h, reconcile, setText } from "./dom.js";
import { icon } from "./icons.js";
import { Follower } from "./scroll.js";
import { showSidebar } from "./sidebar.js";
import { channelItems, channelMessages, threadItems, threadMessages } from "./timeline.js";
import { Traffic } from "./traffic.js";
import { welcome } from "./welcome.js";

const CLOCK_MS = 2000;
const LONGEST_PAUSE_S = 10;

let state = null;
let channelId = null;
let threadTs = null;
/** How many messages of each channel were there when it was last looked at. */
const seen = new Map();
const counts = new Map();

const traffic = new Traffic();
const follower = new Follower(byId("messages"), byId("new-pill"));
const threadFollower = new Follower(byId("thread-messages"));
const composer = new Composer(byId("composer"), {
  id: "composer",
  label: "Message",
  commands: () => state?.commands ?? [],
  target: () => ({ channel: channelId }),
  onSent: () => {
    follower.toEnd();
    glance();
  },
});
const threadComposer = new Composer(byId("thread-composer"), {
  id: "thread-composer",
  label: "Reply in thread",
  commands: () => [],
  target: () => ({ channel: channelId, thread_ts: threadTs }),
  onSent: () => {
    threadFollower.toEnd();
    glance();
  },
});
threadComposer.placeholder = "Reply…";

function place() {
  const channel = state.channels.find((one) => one.id === channelId);
  const scene = { now: state.now, users: state.users, channels: state.channels };
  return { state, channel, scene, openThread };
}

/** Tell a list what was added to it since it was last shown under this name. */
function followed(list, name, messages) {
  const added = messages.length - (counts.get(name) ?? messages.length);
  counts.set(name, messages.length);
  const last = added > 0 && messages.at(-1);
  const answer = last?.ephemeral_to ? list.list.querySelector(`[data-ts="${last.ts}"]`) : null;
  list.grown(added, answer);
}

function showChannel() {
  const here = place();
  const { channel } = here;
  setText(byId("channel-name"), `# ${channel.name}`);
  composer.placeholder = `Message #${channel.name}, or type / for a command`;
  reconcile(byId("messages"), [
    welcome(channel, state, (text) => composer.fill(text)),
    ...channelItems(here),
  ]);
  followed(follower, channelId, channelMessages(here));
}

function showThread() {
  const here = place();
  const messages = threadTs ? threadMessages(here, threadTs) : [];
  if (threadTs && !messages.length) threadTs = null;
  byId("thread").hidden = !threadTs;
  byId("app").classList.toggle("thread-open", Boolean(threadTs));
  if (!threadTs) return;
  setText(byId("thread-note"), `# ${here.channel.name}`);
  reconcile(byId("thread-messages"), threadItems(here, threadTs));
  followed(threadFollower, threadTs, messages);
}

function show() {
  channelId = (state.channels.find((one) => one.id === channelId) ?? state.channels[0]).id;
  const unread = new Set();
  for (const { id, messages } of state.channels) {
    if (id === channelId || !seen.has(id)) seen.set(id, messages.length);
    if (messages.length > seen.get(id)) unread.add(id);
  }
  showSidebar(state, { openId: channelId, unread, choose: openChannel });
  showChannel();
  showThread();
  document.title = `${unread.size ? "• " : ""}#${place().channel.name} – Simulated Slack`;
}

function openChannel(id) {
  channelId = id;
  threadTs = null;
  location.replace(`#${id}`);
  follower.isAtEnd = true;
  show();
  follower.toEnd();
}

function openThread(ts) {
  threadTs = ts;
  show();
  byId("thread-messages").scrollTop = 0;
  threadFollower.measure();
  byId("thread-close").focus();
}

function closeThread() {
  const from = threadTs;
  const hadFocus =
    byId("thread").contains(document.activeElement) || document.activeElement === document.body;
  threadTs = null;
  show();
  const opener = ["replies", "reply"]
    .map((name) => document.querySelector(`[data-key="${from}/${name}"]`))
    .find(Boolean);
  if (hadFocus) (opener ?? composer.input).focus({ preventScroll: true });
}

async function fetchState() {
  const before = state;
  state = await getState();
  if (before && state.seq < before.seq) traffic.forget(); // another simulator has taken the place
  show();
  await traffic.update();
}

let fetching = null;

/** Fetch the state and show it; calls while one is under way share it. */
function refresh() {
  fetching ??= fetchState().finally(() => {
    fetching = null;
  });
  return fetching;
}

/** Refresh aside; of a lost connection `follow` tells. */
function glance() {
  refresh().catch((error) => {
    if (!(error instanceof Offline)) throw error;
  });
}

const pause = (seconds) => new Promise((resolve) => setTimeout(resolve, seconds * 1000));

/** Show every change for ever; after a failure say so and wait longer each time. */
async function follow() {
  for (let failures = 0; ;) {
    try {
      await refresh();
      failures = 0;
      byId("lost").hidden = true;
      const { seq } = state;
      if ((await waitBeyond(seq)) === seq) await pause(1);
    } catch (error) {
      if (!(error instanceof Offline)) throw error;
      setText(byId("lost"), "Connection lost, retrying…");
      byId("lost").hidden = false;
      await pause(Math.min(LONGEST_PAUSE_S, 2 ** failures));
      failures += 1;
    }
  }
}

function keyed(event) {
  if (document.querySelector("dialog[open], :popover-open")) return;
  const isTyping = event.target.matches("textarea, input, select");
  const isPlain = !event.ctrlKey && !event.metaKey && !event.altKey;
  const act = {
    ".": event.ctrlKey && (() => traffic.flip()),
    t: isPlain && !isTyping && (() => traffic.flip()),
    "/": isPlain && !isTyping && (() => composer.fill(composer.input.value || "/")),
    Escape: threadTs && closeThread,
  }[event.key];
  if (!act) return;
  event.preventDefault();
  act();
}

channelId = location.hash.slice(1);
byId("thread-close").append(h("kbd", { "aria-hidden": "true" }, "Esc"), icon("close"));
byId("thread-close").addEventListener("click", closeThread);
document.addEventListener("keydown", keyed);
setInterval(glance, CLOCK_MS);
follow();
