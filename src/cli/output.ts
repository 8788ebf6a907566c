/** Data goes to stdout; everything that a person reads while they wait goes to stderr. */
export interface Output {
  readonly json: boolean;
  /** The one result of a command: `value` as JSON, or `text` for a person. */
  result(value: unknown, text: string): void;
  /** Data as it is, for other programs. */
  raw(text: string): void;
  say(text: string): void;
}

export function createOutput(json: boolean): Output {
  return {
    json,
    result(value, text) {
      if (json) process.stdout.write(`${JSON.stringify(value)}\n`);
      else if (text !== '') process.stdout.write(`${text}\n`);
    },
    raw(text) {
      process.stdout.write(process.stdout.isTTY ? `${text}\n` : text);
    },
    say(text) {
      process.stderr.write(`${text}\n`);
    },
  };
}

/** Columns for a person. An empty list is an empty text. */
export function table(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return '';
  const all = [headings, ...rows];
  const widths = headings.map((_, column) => Math.max(...all.map((row) => (row[column] ?? '').length)));
  const line = (row: readonly string[]) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd();
  return all.map(line).join('\n');
}

/** `name  value` lines; what has no value is left out. */
export function facts(pairs: readonly (readonly [string, string | undefined])[]): string {
  const given = pairs.filter((pair): pair is readonly [string, string] => pair[1] !== undefined);
  const width = Math.max(...given.map(([name]) => name.length));
  return given.map(([name, value]) => `${name.padEnd(width)}  ${value}`).join('\n');
}
