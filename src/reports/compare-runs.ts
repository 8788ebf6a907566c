import type { ReportDuck } from './data/duck.ts';
import { identifier, joined, type Sql, sql } from './data/sql.ts';
import { valueText } from './human.ts';
import type { ReportWork, Value } from './report.ts';
import type { Change, Changes } from './result.ts';

const kinds = ['added', 'removed', 'changed'] as const;
const someOfEach = { added: 34, removed: 33, changed: 33 };

/** What differs between `main.result` and `before.result`. */
export async function compareRuns(duck: ReportDuck, work: ReportWork): Promise<Changes> {
  await duck.run(sql`CREATE TABLE main.differing AS ${differing(work)}`);
  await duck.run(sql`CREATE TABLE main.differences AS ${differences(work)}`);
  const counts = await duck.objects(sql`SELECT kind, count(*) AS n FROM main.differences GROUP BY kind`);
  const countOf = (kind: Change['kind']) => Number(counts.find((row) => row.kind === kind)?.n ?? 0);
  const sums = { added: countOf('added'), removed: countOf('removed'), changed: countOf('changed') };
  const some: Change[] = [];
  for (const kind of kinds) {
    const rows = await duck.objects(
      sql`SELECT * FROM main.differences WHERE kind = ${kind} ORDER BY ALL LIMIT ${someOfEach[kind]}`,
    );
    some.push(...rows.map((row) => toChange(kind, row, work)));
  }
  return { ...sums, some, line: lineOf(sums) };
}

/** Eight bytes that stand for a row's key, so that a million rows are compared in little memory. */
const identity = ({ key }: ReportWork): Sql => sql`hash(${joined(key.map(identifier), ', ')})`;

/** The keys of rows that are not the same in both runs; that one is missed happens once in millions of reports. */
function differing(work: ReportWork): Sql {
  const content = sql`hash(${joined([sql`true`, ...work.compare.map(identifier)], ', ')})`;
  const short = (from: Sql) => sql`SELECT ${identity(work)} AS identity, ${content} AS content FROM ${from}`;
  return sql`
    SELECT DISTINCT coalesce(now.identity, old.identity) AS identity
    FROM (${short(sql`main.result`)}) AS now
    FULL OUTER JOIN (${short(sql`before.result`)}) AS old ON now.identity = old.identity
    WHERE now.identity IS NULL OR old.identity IS NULL OR now.content <> old.content`;
}

function differences(work: ReportWork): Sql {
  const { key, compare, label } = work;
  const now = (column: string) => sql`now.${identifier(column)}`;
  const old = (column: string) => sql`old.${identifier(column)}`;
  const keys = key.map((column) => sql`${now(column)} IS NOT DISTINCT FROM ${old(column)}`);
  const differs = compare.map((column) => sql`${now(column)} IS DISTINCT FROM ${old(column)}`);
  const pairs = compare.flatMap((column, index) => [
    sql`${old(column)} AS ${identifier(`old_${index}`)}`,
    sql`${now(column)} AS ${identifier(`now_${index}`)}`,
  ]);
  const changed = joined([sql`false`, ...differs], ' OR ');
  const those = (from: Sql) =>
    sql`SELECT *, true AS is_there FROM ${from} WHERE ${identity(work)} IN (FROM main.differing)`;
  return sql`
    SELECT
      CASE WHEN old.is_there IS NULL THEN 'added' WHEN now.is_there IS NULL THEN 'removed' ELSE 'changed' END AS kind,
      ${joined([sql`coalesce(${now(label)}, ${old(label)})::VARCHAR AS label`, ...pairs], ', ')}
    FROM (${those(sql`main.result`)}) AS now
    FULL OUTER JOIN (${those(sql`before.result`)}) AS old ON ${joined(keys, ' AND ')}
    WHERE old.is_there IS NULL OR now.is_there IS NULL OR ${changed}`;
}

function toChange(
  kind: Change['kind'],
  row: Readonly<Record<string, Value>>,
  { compare, columns }: ReportWork,
): Change {
  const label = String(row.label ?? '');
  if (kind !== 'changed') return { kind, label, fields: [] };
  const fields = compare.flatMap((name, index) => {
    const column = columns.find((each) => each.name === name);
    const before = row[`old_${index}`] ?? null;
    const after = row[`now_${index}`] ?? null;
    if (!column || same(before, after)) return [];
    return [{ title: column.title, before: valueText(before, column), after: valueText(after, column) }];
  });
  return { kind, label, fields };
}

function same(one: Value, other: Value): boolean {
  return one instanceof Date && other instanceof Date ? one.getTime() === other.getTime() : one === other;
}

function lineOf(sums: Readonly<Record<Change['kind'], number>>): string {
  const parts = kinds
    .filter((kind) => sums[kind] > 0)
    .map((kind) => `${sums[kind].toLocaleString('en-US')} ${kind}`);
  return parts.length === 0
    ? 'Nothing changed since the last run.'
    : `${parts.join(', ')} since the last run.`;
}
