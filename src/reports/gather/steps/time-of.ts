/** Milliseconds since 1970; null for no time, and for the year 1, which Graph gives for never. */
export function timeOf(text: string | null | undefined): number | null {
  const time = text ? Date.parse(text) : Number.NaN;
  return Number.isNaN(time) || time < 0 ? null : time;
}
