const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const oneDigit = new Intl.NumberFormat('en', { maximumFractionDigits: 1 });
const sizeUnits = ['bytes', 'KB', 'MB', 'GB', 'TB', 'PB'] as const;

/** `12,399`. */
export function count(value: number): string {
  return whole.format(value);
}

/** `1 item`, `12,399 items`. */
export function countOf(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}

/** Bytes as `1.2 MB`, in steps of 1024 as OneDrive shows them. */
export function size(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < sizeUnits.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${unit === 0 ? whole.format(value) : oneDigit.format(value)} ${sizeUnits[unit]}`;
}
