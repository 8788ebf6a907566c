import type { Chart } from '../../result.ts';

export interface TreemapCell {
  readonly label: string;
  readonly value: number;
  /** How many cells were folded into this one; 1 for a cell of its own. */
  readonly count: number;
}

export interface TreemapGroup {
  readonly label: string;
  /** Stands for several groups. */
  readonly folded: boolean;
  readonly value: number;
  readonly cells: readonly TreemapCell[];
}

type Rows = Extract<Chart, { kind: 'treemap' }>['rows'];

/**
 * Groups of cells, the largest first, at most this many of each: what is beyond is folded into `others`, so that the
 * sum stays the sum of the rows.
 */
export function foldTreemap(
  rows: Rows,
  limits: { readonly groups: number; readonly cells: number },
): TreemapGroup[] {
  const groups = [...Map.groupBy(rows, ({ group }) => group)]
    .map(([label, members]) => ({ label, members, value: sum(members) }))
    .toSorted((a, b) => b.value - a.value);
  const named = groups.slice(0, groups.length > limits.groups ? limits.groups - 1 : groups.length);
  const rest = groups.slice(named.length);
  const largest = largestOf(
    named.map(({ members }) => members),
    limits.cells,
  );

  const folded = named.map(({ label, members, value }) => ({
    label,
    folded: false,
    value,
    cells: [
      ...members
        .filter((row) => largest.has(row))
        .toSorted((a, b) => b.value - a.value)
        .map((row) => ({ label: row.label, value: row.value, count: 1 })),
      ...others(members.filter((row) => !largest.has(row))),
    ],
  }));
  if (rest.length === 0) return folded;
  const members = rest.flatMap((group) => group.members);
  return [
    ...folded,
    { label: `${rest.length} others`, folded: true, value: sum(members), cells: others(members) },
  ];
}

/** The largest cells, but some of each group: a group of `others` alone says little. */
function largestOf(groups: readonly Rows[], limit: number): ReadonlySet<Rows[number]> {
  const sorted = groups.map((members) => members.toSorted((a, b) => b.value - a.value));
  const some = sorted.flatMap((members) => members.slice(0, 2));
  const rest = sorted.flatMap((members) => members.slice(2)).toSorted((a, b) => b.value - a.value);
  return new Set([...some, ...rest.slice(0, Math.max(0, limit - some.length))]);
}

function others(rows: Rows): TreemapCell[] {
  const [only] = rows;
  if (only === undefined) return [];
  if (rows.length === 1) return [{ label: only.label, value: only.value, count: 1 }];
  return [{ label: `${rows.length.toLocaleString('en-US')} others`, value: sum(rows), count: rows.length }];
}

const sum = (rows: readonly { readonly value: number }[]): number =>
  rows.reduce((total, { value }) => total + value, 0);
