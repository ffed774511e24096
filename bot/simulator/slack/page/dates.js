// Times in words: message times, day lines and the tokens of Slack's date markup, in the reader's time zone.

const DAY_S = 86_400;

const format = (at, options) => new Intl.DateTimeFormat(undefined, options).format(new Date(at * 1000));
const english = (at, options) => new Intl.DateTimeFormat("en-US", options).format(new Date(at * 1000));

/** Return e.g. 2026-11-23 in the reader's time zone. */
export function dayKey(at) {
  const date = new Date(at * 1000);
  const two = (number) => String(number).padStart(2, "0");
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

export const clockTime = (at) => format(at, { hour: "numeric", minute: "2-digit" });
export const clockSeconds = (at) => format(at, { hour: "numeric", minute: "2-digit", second: "2-digit" });
export const shortDay = (at) => english(at, { weekday: "short", month: "short", day: "numeric" });
export const fullTime = (at) =>
  `${english(at, { weekday: "long", month: "long", day: "numeric" })}, ${clockSeconds(at)}`;

function ordinal(day) {
  const teen = day % 100 > 10 && day % 100 < 14;
  return `${day}${teen ? "th" : (["th", "st", "nd", "rd"][day % 10] ?? "th")}`;
}

const ordinalDay = (at) => ordinal(new Date(at * 1000).getDate());

/** Return today, yesterday or tomorrow, or null. */
function nearDay(at, now) {
  const near = { today: 0, yesterday: -DAY_S, tomorrow: DAY_S };
  return Object.keys(near).find((name) => dayKey(now + near[name]) === dayKey(at)) ?? null;
}

const capital = (words) => words[0].toUpperCase() + words.slice(1);

export const dayLine = (at, now) =>
  capital(nearDay(at, now) ?? `${english(at, { weekday: "long", month: "long" })} ${ordinalDay(at)}`);

/** Return e.g. "5 minutes ago" or "in 2 hours". */
export function ago(at, now) {
  const away = at - now;
  const [unit, length] = [
    ["day", DAY_S],
    ["hour", 3600],
    ["minute", 60],
  ].find(([, s]) => Math.abs(away) >= s) ?? ["second", 1];
  return new Intl.RelativeTimeFormat("en").format(Math.trunc(away / length), unit);
}

const long = (at) => english(at, { month: "long" });
const TOKENS = {
  date: (at) => `${long(at)} ${ordinalDay(at)}, ${new Date(at * 1000).getFullYear()}`,
  date_short: (at) => english(at, { month: "short", day: "numeric", year: "numeric" }),
  date_long: (at) => `${english(at, { weekday: "long" })}, ${TOKENS.date(at)}`,
  date_num: dayKey,
  date_pretty: (at, now) => nearDay(at, now) ?? TOKENS.date(at),
  date_short_pretty: (at, now) => nearDay(at, now) ?? TOKENS.date_short(at),
  date_long_pretty: (at, now) => nearDay(at, now) ?? TOKENS.date_long(at),
  time: clockTime,
  time_secs: clockSeconds,
  ago,
};

/**
 * Fill Slack's date tokens; null if the format has none that is known.
 * @param {number} at @param {string} pattern @param {number} now @param {boolean} atStart begin with a capital
 */
export function fillDate(at, pattern, now, atStart) {
  let known = Number.isFinite(at);
  const filled = pattern.replace(/\{(\w+)\}/g, (token, name) => {
    if (known && Object.hasOwn(TOKENS, name)) return TOKENS[name](at, now);
    known = false;
    return token;
  });
  if (!known || !filled) return null;
  return atStart ? capital(filled) : filled;
}
