import type { Log, LogFields } from './ports.ts';

/** One line of JSON for each event on stdout or stderr, which the Functions host passes on to Application Insights. */
export function createConsoleLog(): Log {
  const line = (level: string, event: string, fields: LogFields = {}) =>
    JSON.stringify({ level, event, ...fields });
  return {
    info: (event, fields) => console.info(line('info', event, fields)),
    warn: (event, fields) => console.warn(line('warn', event, fields)),
    error: (event, fields) => console.error(line('error', event, fields)),
  };
}
