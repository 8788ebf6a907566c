import type { ReportDuck } from './data/duck.ts';
import type { ChartSpec, Value } from './report.ts';
import type { Chart } from './result.ts';

/** Charts with their data. A chart that would be empty is left out, and a line of one point too. */
export async function chartsOf(duck: ReportDuck, specs: readonly ChartSpec[]): Promise<Chart[]> {
  const charts: Chart[] = [];
  for (const spec of specs) {
    const chart = toChart(spec, await duck.objects(spec.rows));
    if (chart) charts.push(chart);
  }
  return charts;
}

type Data = readonly Readonly<Record<string, Value>>[];

function toChart({ kind, title, caption, unit }: ChartSpec, data: Data): Chart | undefined {
  const texts = { title, caption, unit };
  if (kind === 'treemap') {
    const rows = data
      .map(({ group, label, value }) => ({ group: text(group), label: text(label), value: Number(value) }))
      .filter(({ value }) => value > 0);
    return rows.length > 0 ? { ...texts, kind, rows } : undefined;
  }
  if (kind === 'bars') {
    const rows = data.map(({ label, value }) => ({ label: text(label), value: Number(value) }));
    return rows.some(({ value }) => value !== 0) ? { ...texts, kind, rows } : undefined;
  }
  const rows = data.flatMap(({ series, moment: at, value }) =>
    at instanceof Date && value !== null ? [{ series: text(series), at, value: Number(value) }] : [],
  );
  const times = new Set(rows.map(({ at }) => at.getTime()));
  return times.size > 1 ? { ...texts, kind, rows } : undefined;
}

const text = (value: Value | undefined): string =>
  value === null || value === undefined ? '' : String(value);
