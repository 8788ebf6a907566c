import type { ReportResult } from '../reports/result.ts';
import type { RunResult } from './run.ts';

const mostMissing = 50;

/** What is kept of a report in the row of its run. */
export function runResultOf(result: ReportResult): RunResult {
  const { title, rowCount, totals, sentences, changes, coverage } = result;
  const { drives, read, denied, skipped, line, missing } = coverage;
  return {
    title,
    rows: rowCount,
    totals: Object.fromEntries(totals.map(({ name, value }) => [name, value])),
    figures: totals.map(({ title: name, unit, value, before }) => ({
      title: name,
      unit,
      value,
      ...(before === undefined ? {} : { before }),
    })),
    sentences: [...sentences],
    ...(changes ? { changes: changes.line } : {}),
    coverage: { drives, read, denied, skipped, line, missing: missing.slice(0, mostMissing) },
  };
}
