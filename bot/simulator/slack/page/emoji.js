// Shortcodes that the page draws; any other stays as it was typed.

import { h } from "./dom.js";

const EMOJI = {
  alarm_clock: "⏰", arrow_down: "⬇️", arrow_heading_down: "⤵️", arrow_heading_up: "⤴️", arrow_left: "⬅️",
  arrow_lower_right: "↘️", arrow_right: "➡️", arrow_up: "⬆️", arrow_upper_right: "↗️",
  arrows_counterclockwise: "🔄", ballot_box_with_check: "☑️", bar_chart: "📊", bell: "🔔", black_circle: "⚫",
  book: "📖", boom: "💥", bulb: "💡", bust_in_silhouette: "👤", busts_in_silhouette: "👥", calendar: "📆",
  camera: "📷", chart_with_downwards_trend: "📉", chart_with_upwards_trend: "📈", clipboard: "📋",
  clock3: "🕒", computer: "💻", construction: "🚧", double_vertical_bar: "⏸️", exclamation: "❗", eyes: "👀", fire: "🔥", gear: "⚙️",
  globe_with_meridians: "🌐", grey_question: "❔", hammer_and_wrench: "🛠️", headphones: "🎧",
  heavy_check_mark: "✔️", hourglass: "⌛", hourglass_flowing_sand: "⏳", information_source: "ℹ️", iphone: "📱",
  key: "🔑", large_blue_circle: "🔵", large_green_circle: "🟢", large_orange_circle: "🟠",
  large_purple_circle: "🟣", large_yellow_circle: "🟡", leftwards_arrow_with_hook: "↩️", link: "🔗", lock: "🔒",
  mag: "🔍", memo: "📝", microphone: "🎤", minus: "➖", mute: "🔇", no_bell: "🔕", no_entry: "⛔",
  no_entry_sign: "🚫", ok_hand: "👌", pause_button: "⏸️", plus: "➕", pushpin: "📌", question: "❓",
  raised_hands: "🙌", red_circle: "🔴", repeat: "🔁", rocket: "🚀", rotating_light: "🚨", satellite: "📡",
  satellite_antenna: "📡", see_no_evil: "🙈", signal_strength: "📶", skull: "💀", small_blue_diamond: "🔹",
  small_orange_diamond: "🔸", snail: "🐌", sound: "🔉", sparkles: "✨", speaker: "🔈", sos: "🆘", speech_balloon: "💬",
  stethoscope: "🩺",
  stopwatch: "⏱️", tada: "🎉", telephone_receiver: "📞", thumbsup: "👍", "+1": "👍", thumbsdown: "👎", "-1": "👎",
  timer_clock: "⏲️", tornado: "🌪️", turtle: "🐢", vertical_traffic_light: "🚦", video_camera: "📹", warning: "⚠️", wave: "👋",
  white_check_mark: "✅", white_circle: "⚪", wrench: "🔧", x: "❌", zap: "⚡", zzz: "💤",
};

/** Return a drawn emoji with its name for screen readers; an unknown one as text. */
export function emoji(name) {
  const sign = Object.hasOwn(EMOJI, name) ? EMOJI[name] : null;
  if (!sign) return document.createTextNode(`:${name}:`);
  const label = name.replaceAll("_", " ");
  return h("span", { class: "emoji", role: "img", "aria-label": label, title: `:${name}:` }, sign);
}
