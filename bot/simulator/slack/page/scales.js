// The arithmetic of charts: axes, labels, and what sets a series apart.

/** Return round values that span the data, about `count` of them, zero among them unless it is far away. */
export function niceTicks(low, high, { fromZero, count = 4 }) {
  const near = fromZero || low <= 0 || low < (high - low) * 2;
  const bottom = near ? Math.min(0, low) : low;
  const top = Math.max(high, near ? 0 : high);
  const span = top - bottom || Math.abs(top) || 1;
  const rough = span / count;
  const magnitude = 10 ** Math.floor(Math.log10(rough));
  const step = magnitude * [1, 2, 2.5, 5, 10].find((factor) => factor * magnitude >= rough * 0.999);
  const first = Math.floor(bottom / step + (near ? 1e-9 : -0.2)); // away from zero nothing lies on the base line
  const last = Math.max(first + 1, Math.ceil(top / step - 1e-9));
  return Array.from({ length: last - first + 1 }, (_, index) => (first + index) * step);
}

const small = new Intl.NumberFormat("en", { maximumSignificantDigits: 4 });
const large = new Intl.NumberFormat("en", { notation: "compact", maximumSignificantDigits: 3 });

/** Return a number as an axis shows it: 12.4, 1,250, 12.5K. */
export const shortNumber = (value) => (Math.abs(value) >= 10_000 ? large : small).format(value);

/** Return every how manieth label fits without touching its neighbour. */
export function labelStride(labels, step, { character = 6.6, gap = 14 } = {}) {
  const widest = Math.max(0, ...labels.map((label) => label.length)) * character + gap;
  return Math.max(1, Math.ceil(widest / step));
}

export const values = (series) => series.data.map((point) => point.value);

/** A level line beside real data, such as a threshold, is drawn dashed and without points to catch the eye. */
export const isLevel = (series, all) =>
  all.length > 1 && series.data.length > 1 && new Set(values(series)).size === 1;

/** Return the class that colours a series: its number's, or that of level lines. */
export const colour = (series, index, all) =>
  isLevel(series, all) ? "series-level" : `series-${index % 12}`;
