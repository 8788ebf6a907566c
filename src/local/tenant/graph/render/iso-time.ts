const two = (number: number) => String(number).padStart(2, '0');
// Texts of less than 13 letters are joined by copying; longer ones become trees, whose leaves somebody has to collect later.
const MINUTES = Array.from({ length: 1440 }, (_, m) => `T${two(Math.floor(m / 60))}:${two(m % 60)}:`);
const SECONDS = Array.from({ length: 60 }, (_, second) => `${two(second)}Z`);
const DAY = 86_400_000;
const MOST_DAYS = 10_000;
const days = new Map<number, string>();

/**
 * ISO time to the second. A feed of a hundred thousand items holds four times as many of them, and `Date` would take a good
 * part of its time.
 */
export function isoSeconds(time: number): string {
  const day = Math.floor(time / DAY);
  const second = Math.floor((time - day * DAY) / 1000);
  const clock = `${MINUTES[Math.floor(second / 60)]}${SECONDS[second % 60]}`;
  return dateOf(day) + clock;
}

function dateOf(day: number): string {
  const known = days.get(day);
  if (known !== undefined) return known;
  if (days.size >= MOST_DAYS) days.clear();
  const date = new Date(day * DAY).toISOString().slice(0, 10);
  days.set(day, date);
  return date;
}
