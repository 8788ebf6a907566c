import type { Chart } from '../../result.ts';

export interface Series {
  readonly name: string;
  /** In the order of time. */
  readonly points: readonly { readonly at: Date; readonly value: number }[];
}

type Rows = Extract<Chart, { kind: 'lines' }>['rows'];

/** The lines of a chart, the one that ends highest first. */
export function toSeries(rows: Rows): Series[] {
  return [...Map.groupBy(rows, ({ series }) => series)]
    .map(([name, points]) => ({ name, points: points.toSorted((a, b) => a.at.getTime() - b.at.getTime()) }))
    .toSorted((a, b) => (b.points.at(-1)?.value ?? 0) - (a.points.at(-1)?.value ?? 0));
}
