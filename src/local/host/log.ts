import type { LogLevel } from './core-types.ts';

/** Only these may accompany a message, so that no body, query string or header can slip into a line. */
export interface LogFields {
  readonly function?: string;
  readonly invocation?: string;
  readonly error?: unknown;
  readonly durationMs?: number;
  readonly status?: number;
  readonly method?: string;
  /** Path of a request without its query string. */
  readonly path?: string;
}

export interface HostLog {
  (level: LogLevel, message: string, fields?: LogFields): void;
  /** False when a line of this level would be dropped: lets a hot path skip preparing it. */
  enabled(level: LogLevel): boolean;
}

export const logLevels: readonly LogLevel[] = [
  'trace',
  'debug',
  'information',
  'warning',
  'error',
  'critical',
  'none',
];

export interface LogOptions {
  readonly format: 'plain' | 'json';
  readonly level: LogLevel;
  readonly write: (line: string) => void;
  readonly now: () => Date;
}

/** A log with one line per event; an error is reduced to its stack, or its message if it has none. */
export function createLog({ format, level, write, now }: LogOptions): HostLog {
  const threshold = logLevels.indexOf(level);
  const enabled = (of: LogLevel) => of !== 'none' && logLevels.indexOf(of) >= threshold;
  const line = format === 'json' ? jsonLine : plainLine;
  return Object.assign(
    (of: LogLevel, message: string, fields: LogFields = {}) => {
      if (enabled(of)) write(line(now(), of, message, fields));
    },
    { enabled },
  );
}

function jsonLine(time: Date, level: LogLevel, message: string, { error, ...fields }: LogFields): string {
  const cause = error === undefined ? {} : { error: errorText(error) };
  return JSON.stringify({ time: time.toISOString(), level, message, ...fields, ...cause });
}

function plainLine(time: Date, level: LogLevel, message: string, { error, ...fields }: LogFields): string {
  const extra = Object.entries(fields).map(([key, value]) => ` ${key}=${value}`);
  const cause = error === undefined ? '' : ` error=${errorText(error)}`;
  const text = `${time.toISOString()} ${level} ${message}${extra.join('')}${cause}`;
  return text.replaceAll(/\s*\n\s*/g, ' | ');
}

function errorText(error: unknown): string {
  return error instanceof Error ? (error.stack ?? `${error.name}: ${error.message}`) : String(error);
}
