const pattern = /^(-)?(?:(\d+)\.)?(\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:\.(\d{1,7}))?)?$/;

/**
 * Milliseconds of a .NET TimeSpan such as `00:00:02`, `1.00:00:00` or `00:00:00.250`, the form that host.json
 * uses. Undefined when the text has another form.
 */
export function parseTimeSpan(text: string): number | undefined {
  const match = pattern.exec(text);
  if (!match) return undefined;
  const [, minus, days = '0', hours = '0', minutes = '0', seconds = '0', fraction = '0'] = match;
  const whole = ((Number(days) * 24 + Number(hours)) * 60 + Number(minutes)) * 60 + Number(seconds);
  const milliseconds = whole * 1000 + Number(`0.${fraction}`) * 1000;
  return minus ? -milliseconds : milliseconds;
}
