import type { JS } from '@duckdb/node-api';
import type { Value } from '../report.ts';

/** What DuckDB gives as a cell; lists, structures and other things that are no cell become JSON. */
export function toValue(value: JS): Value {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value;
    case 'number':
      return Number.isFinite(value) ? value : null;
    case 'bigint':
      return Number(value);
    default:
  }
  if (value === null) return null;
  if (value instanceof Date) return Number.isFinite(value.getTime()) ? value : null;
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex');
  return JSON.stringify(value, (_key, part: unknown) => (typeof part === 'bigint' ? Number(part) : part));
}
