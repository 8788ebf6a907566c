const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

/** `22 Nov 2026, 14:03 UTC`. An unknown zone falls back to UTC, and says so. */
export function moment(at: number, timeZone = 'UTC'): string {
  const zone = isTimeZone(timeZone) ? timeZone : 'UTC';
  const text = new Intl.DateTimeFormat('en-GB', {
    timeZone: zone,
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  }).format(at);
  return `${text} ${zone}`;
}

/** `14:03:12 UTC`. */
export function clockTime(at: number): string {
  return `${new Date(at).toISOString().slice(11, 19)} UTC`;
}

/** `12 min ago`, `in 3 h`, `now`. */
export function relative(at: number, now: number): string {
  const distance = Math.abs(at - now);
  if (distance < 5 * second) return 'now';
  return at < now ? `${duration(distance)} ago` : `in ${duration(distance)}`;
}

/** `850 ms`, `12 s`, `3 min`, `2 h 5 min`, `4 days`. Never negative. */
export function duration(milliseconds: number): string {
  const length = Math.max(0, milliseconds);
  if (length < second) return `${Math.round(length)} ms`;
  if (length < minute) return `${Math.floor(length / second)} s`;
  if (length < hour) return `${Math.floor(length / minute)} min`;
  if (length < 2 * day) {
    const minutes = Math.floor((length % hour) / minute);
    return `${Math.floor(length / hour)} h${minutes > 0 ? ` ${minutes} min` : ''}`;
  }
  return `${Math.floor(length / day)} days`;
}

/** True when this machine knows the IANA name. */
export function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
