import { AppError } from '../../errors.ts';
import { type ViewName, views } from '../columns.ts';
import type { ReportDuck } from '../data/duck.ts';
import { sql } from '../data/sql.ts';

/** Functions that give rows and read nothing. */
const rowFunctions = new Set(['unnest', 'range', 'generate_series']);

/** Functions that tell of the installation, or make a small number into gigabytes that no memory limit counts. */
const refusedFunctions = new Set([
  ...['current_setting', 'getvariable', 'getenv', 'current_user', 'session_user', 'txid_current'],
  ...['repeat', 'lpad', 'rpad', 'bar', 'printf', 'format', 'list_resize', 'array_resize'],
  ...['range', 'generate_series', 'nextval', 'setseed', 'sleep_ms'],
]);

/**
 * Reads a user's query without running it, by DuckDB's own parser, and gives the views that it asks. Throws `invalid_request` unless
 * it is one SELECT over the documented views.
 */
export async function checkUserQuery(duck: ReportDuck, query: string): Promise<readonly ViewName[]> {
  const tree = await parse(duck, query);
  const seen = { tables: new Set<string>(), names: new Set<string>() };
  walk(tree, seen);
  const asked = [...seen.tables].filter((table) => !seen.names.has(table));
  const unknown = asked.filter((table) => !isView(table));
  if (unknown.length > 0)
    throw refused(
      `there is no view ${unknown.map((name) => `"${name}"`).join(', ')}; there are ${Object.keys(views).join(', ')}`,
    );
  return [...seen.tables].filter(isView);
}

async function parse(duck: ReportDuck, query: string): Promise<unknown> {
  if (query.includes('\0')) throw refused('it holds a zero byte');
  const [row = []] = await duck.rows(sql`SELECT json_serialize_sql(${query}::VARCHAR)`);
  const parsed: unknown = JSON.parse(String(row[0]));
  if (!isRecord(parsed)) throw refused('it can not be read');
  if (parsed.error === true) throw refused(reasonOf(parsed));
  const { statements } = parsed;
  if (!Array.isArray(statements) || statements.length !== 1) throw refused('it has to be one statement');
  return statements[0];
}

function reasonOf({ error_type: type, error_message: message }: Record<string, unknown>): string {
  return type === 'not implemented' ? 'only SELECT is possible' : String(message);
}

interface Seen {
  readonly tables: Set<string>;
  /** Of queries in WITH. */
  readonly names: Set<string>;
}

function walk(node: unknown, seen: Seen): void {
  if (Array.isArray(node)) {
    for (const each of node) walk(each, seen);
    return;
  }
  if (!isRecord(node)) return;
  look(node, seen);
  for (const each of Object.values(node)) walk(each, seen);
}

function look(node: Record<string, unknown>, { tables, names }: Seen): void {
  if (node.type === 'BASE_TABLE') {
    const place = [node.catalog_name, node.schema_name].filter((part) => part !== '' && part !== 'main');
    if (place.length > 0) throw refused(`${[...place, node.table_name].join('.')} is none of its views`);
    tables.add(String(node.table_name).toLowerCase());
  }
  if (node.type === 'SHOW_REF') throw refused('only SELECT is possible');
  if (node.type === 'TABLE_FUNCTION') {
    const name = isRecord(node.function) ? String(node.function.function_name).toLowerCase() : '';
    if (!rowFunctions.has(name)) throw refused(`${name}() is not possible`);
    // Its arguments are looked at, the function itself is known to be good.
    if (isRecord(node.function)) node.function.function_name = '';
  }
  const name = typeof node.function_name === 'string' ? node.function_name.toLowerCase() : '';
  if (refusedFunctions.has(name) || name.startsWith('pg_') || name.startsWith('duckdb_'))
    throw refused(`${name}() is not possible`);
  if (isRecord(node.cte_map) && Array.isArray(node.cte_map.map))
    for (const entry of node.cte_map.map) if (isRecord(entry)) names.add(String(entry.key).toLowerCase());
}

const isView = (name: string): name is ViewName => Object.hasOwn(views, name);

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function refused(why: string): AppError {
  return new AppError('invalid_request', `The query is refused: ${why}.`);
}
