const weekdays = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const weekdayCodes = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];

/**
 * A five-field cron in words, where it is one of the usual shapes: "Every day at 07:00". Otherwise undefined, and the
 * page shows the cron itself: a wrong sentence would be worse than none.
 */
export function scheduleWords(cron: string): string | undefined {
  const [minutes = '', hours = '', dayOfMonth = '', month = '', dayOfWeek = '', ...rest] = cron
    .trim()
    .split(/\s+/);
  if (rest.length > 0 || month !== '*') return undefined;

  if (dayOfMonth === '*' && dayOfWeek === '*' && hours === '*') return withinTheHour(minutes);

  const time = timeOfDay(minutes, hours);
  if (!time) return undefined;
  if (dayOfMonth === '*') {
    const days = daysOfWeek(dayOfWeek);
    return days && `${days} at ${time}`;
  }
  if (dayOfWeek === '*' && isNumber(dayOfMonth, 1, 31))
    return `On day ${Number(dayOfMonth)} of each month at ${time}`;
  return undefined;
}

function withinTheHour(minutes: string): string | undefined {
  if (minutes === '*') return 'Every minute';
  const step = /^\*\/(\d+)$/.exec(minutes)?.[1];
  // A step that does not divide the hour leaves a shorter gap at its end.
  if (step && Number(step) > 0 && 60 % Number(step) === 0) {
    return Number(step) === 1 ? 'Every minute' : `Every ${Number(step)} minutes`;
  }
  return isNumber(minutes, 0, 59) ? `Every hour at minute ${Number(minutes)}` : undefined;
}

function timeOfDay(minutes: string, hours: string): string | undefined {
  if (!isNumber(minutes, 0, 59) || !isNumber(hours, 0, 23)) return undefined;
  return `${hours.padStart(2, '0')}:${minutes.padStart(2, '0')}`;
}

function daysOfWeek(field: string): string | undefined {
  if (field === '*') return 'Every day';
  if (/^(1-5|MON-FRI)$/i.test(field)) return 'Monday to Friday';
  const named = weekday(field);
  return named && `Every ${named}`;
}

function weekday(field: string): string | undefined {
  const byCode = weekdayCodes.indexOf(field.toUpperCase());
  if (byCode >= 0) return weekdays[byCode];
  return isNumber(field, 0, 7) ? weekdays[Number(field) % 7] : undefined;
}

function isNumber(text: string, least: number, most: number): boolean {
  return /^\d{1,2}$/.test(text) && Number(text) >= least && Number(text) <= most;
}
