import { html } from 'hono/html';
import { valueText } from '../../human.ts';
import type { Chart } from '../../result.ts';
import { barsTable } from '../chart/bars-table.ts';
import { foldTreemap, type TreemapGroup } from '../chart/fold-treemap.ts';
import { linesSvg } from '../chart/lines-svg.ts';
import { type Series, toSeries } from '../chart/series.ts';
import type { Markup, SvgFrame } from '../chart/svg.ts';
import { treemapSvg } from '../chart/treemap-svg.ts';
import { amountText, shareText } from '../figure-text.ts';
import { visibleText } from '../visible-text.ts';

/** A chart with its numbers beside it, drawn twice: a page can't scale a picture without scaling its letters. */
export function chartSection(chart: Chart, index: number): Markup {
  const inner =
    chart.kind === 'bars'
      ? barsTable(chart)
      : chart.kind === 'treemap'
        ? tree(chart, index)
        : lines(chart, index);
  return html`<section class="card"><figure><figcaption><h2>${chart.title}</h2><p class="hint">${chart.caption}</p></figcaption>${inner}</figure></section>`;
}

type ChartOf<K extends Chart['kind']> = Extract<Chart, { kind: K }>;

/** The wide drawing and the one for a phone, of which a page shows one. */
function both(
  chart: Chart,
  index: number,
  heights: { readonly wide: number; readonly narrow: number },
  draw: (frame: SvgFrame, narrow: boolean) => Markup,
): Markup {
  const frame = (look: 'wide' | 'narrow', width: number): SvgFrame => ({
    width,
    height: heights[look],
    id: `chart-${index}-${look}`,
    title: chart.title,
    description: `${chart.caption} The numbers are in the table beside it.`,
  });
  return html`<div class="wide">${draw(frame('wide', 690), false)}</div><div class="narrow">${draw(frame('narrow', 326), true)}</div>`;
}

function tree(chart: ChartOf<'treemap'>, index: number): Markup {
  const groups = foldTreemap(chart.rows, { groups: 8, cells: 60 });
  const few = foldTreemap(chart.rows, { groups: 6, cells: 18 });
  const picture = both(chart, index, { wide: 400, narrow: 430 }, (frame, narrow) =>
    treemapSvg(narrow ? few : groups, chart.unit, frame),
  );
  const nested = groups.length > 1;
  return html`<div class="two"><div>${picture}</div>${nested ? groupTable(groups, chart.unit) : cellTable(groups, chart.unit, false)}</div>${
    nested
      ? html`<details><summary>Every area as a table</summary>${cellTable(groups, chart.unit, true)}</details>`
      : ''
  }`;
}

function groupTable(groups: readonly TreemapGroup[], unit: string): Markup {
  const total = sum(groups);
  return html`<table class="small"><thead><tr><th scope="col">Group</th><th scope="col" class="num">${unitTitle(unit)}</th><th scope="col" class="num">Share</th></tr></thead><tbody>${groups.map(
    ({ label, value, folded }, index) =>
      html`<tr><td class="key"><svg viewBox="0 0 11 11" aria-hidden="true"><rect class="k${folded ? 7 : index % 7}" width="11" height="11" rx="2"/></svg>${visibleText(label)}</td><td class="num">${amountText(value, unit)}</td><td class="num">${shareText(value, total)}</td></tr>`,
  )}</tbody>${totalRow(total, unit)}</table>`;
}

function cellTable(groups: readonly TreemapGroup[], unit: string, grouped: boolean): Markup {
  const total = sum(groups);
  const rows = groups.flatMap(({ label, cells }) =>
    cells.map(
      (cell) =>
        html`<tr><td>${visibleText(grouped ? `${label} › ${cell.label}` : cell.label)}</td><td class="num">${amountText(cell.value, unit)}</td><td class="num">${shareText(cell.value, total)}</td></tr>`,
    ),
  );
  return html`<table class="small"><thead><tr><th scope="col">What</th><th scope="col" class="num">${unitTitle(unit)}</th><th scope="col" class="num">Share</th></tr></thead><tbody>${rows}</tbody>${totalRow(total, unit)}</table>`;
}

function totalRow(total: number, unit: string): Markup {
  return html`<tfoot><tr><th scope="row">Together</th><td class="num">${amountText(total, unit)}</td><td class="num">100 %</td></tr></tfoot>`;
}

const mostLines = 8;

function lines(chart: ChartOf<'lines'>, index: number): Markup {
  const all = toSeries(chart.rows);
  const series = all.slice(0, mostLines);
  const rest = all.length - series.length;
  const picture = both(chart, index, { wide: 320, narrow: 260 }, (frame) =>
    linesSvg(series, chart.unit, frame),
  );
  return html`<div class="two"><div>${picture}${
    rest > 0
      ? html`<p class="hint">The ${mostLines} highest of ${all.length} are drawn; the table has all.</p>`
      : ''
  }</div>${seriesTable(all, chart.unit)}</div>`;
}

function seriesTable(series: readonly Series[], unit: string): Markup {
  const [only] = series;
  if (series.length === 1 && only) return pointTable(only, unit);
  const rows = series.map(({ name, points }) => {
    const first = points[0]?.value ?? 0;
    const last = points.at(-1)?.value ?? 0;
    return html`<tr><td>${visibleText(name)}</td><td class="num">${amountText(first, unit)}</td><td class="num">${amountText(last, unit)}</td></tr>`;
  });
  return html`<table class="small"><thead><tr><th scope="col">Line</th><th scope="col" class="num">First</th><th scope="col" class="num">Last</th></tr></thead><tbody>${rows}</tbody></table>`;
}

/** The newest points of one line. */
function pointTable({ points }: Series, unit: string): Markup {
  const newest = points.slice(-12).toReversed();
  return html`<table class="small"><thead><tr><th scope="col">${points.length > newest.length ? `The newest ${newest.length} of ${points.length}` : 'When'}</th><th scope="col" class="num">${unitTitle(unit)}</th></tr></thead><tbody>${newest.map(
    ({ at, value }) =>
      html`<tr><td>${valueText(at, { type: 'time' })}</td><td class="num">${amountText(value, unit)}</td></tr>`,
  )}</tbody></table>`;
}

const sum = (groups: readonly TreemapGroup[]): number =>
  groups.reduce((total, { value }) => total + value, 0);

function unitTitle(unit: string): string {
  if (unit === 'bytes') return 'Size';
  return unit.charAt(0).toUpperCase() + unit.slice(1);
}
