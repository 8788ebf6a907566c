import { scaleLinear, scaleUtc } from 'd3-scale';
import { line } from 'd3-shape';
import { html } from 'hono/html';
import { amountText } from '../figure-text.ts';
import { visibleText } from '../visible-text.ts';
import { fitText, textWidth } from './fit-text.ts';
import type { Series } from './series.ts';
import { type Markup, round, type SvgFrame, svg } from './svg.ts';

const top = 14;
const bottom = 28;
const lineHeight = 15;

/** Lines over time, each with its name at its end. */
export function linesSvg(series: readonly Series[], unit: string, frame: SvgFrame): Markup {
  const points = series.flatMap((each) => each.points);
  const times = points.map(({ at }) => at.getTime());
  const values = points.map(({ value }) => value);
  const ticks = valueTicks(values, unit);
  const left = Math.max(...ticks.map((tick) => textWidth(amountText(tick, unit), 11))) + 10;
  const names =
    series.length > 1
      ? Math.min(frame.width * 0.3, Math.max(...series.map(({ name }) => textWidth(name, 12))) + 10)
      : 8;
  const x = scaleUtc()
    .domain([Math.min(...times), Math.max(...times)])
    .range([left, frame.width - names - 8]);
  const y = scaleLinear()
    .domain([ticks[0] ?? 0, ticks.at(-1) ?? 1])
    .range([frame.height - bottom, top]);
  const path = line<{ at: Date; value: number }>(
    ({ at }) => round(x(at)),
    ({ value }) => round(y(value)),
  );
  const right = x.range()[1] ?? 0;
  const days = (x.domain()[1]?.getTime() ?? 0) - (x.domain()[0]?.getTime() ?? 0) > 3 * 86_400_000;
  const dates = x.ticks(Math.max(2, Math.floor((right - left) / 90)));

  const grid = ticks.map(
    (tick) =>
      html`<line class="grid" x1="${left}" x2="${right}" y1="${round(y(tick))}" y2="${round(y(tick))}"/><text class="ax" text-anchor="end" x="${left - 6}" y="${round(y(tick)) + 4}">${amountText(tick, unit)}</text>`,
  );
  let taken = 0;
  const marks = dates.map((at) => {
    const anchor = x(at) - left < 20 ? 'start' : right - x(at) < 20 ? 'end' : 'middle';
    const width = textWidth(dateText(at, days), 11);
    const from = x(at) - (anchor === 'start' ? 0 : anchor === 'end' ? width : width / 2);
    if (from < taken) return html``;
    taken = from + width + 8;
    return html`<text class="ax" text-anchor="${anchor}" x="${round(x(at))}" y="${frame.height - 8}">${dateText(at, days)}</text>`;
  });
  const heights = apart(series.map(({ points }) => y(points.at(-1)?.value ?? 0)));
  const lines = series.map(({ name, points }, index) => {
    const last = points.at(-1);
    const label = series.length > 1 ? fitText(visibleText(name), names - 4, 12) : '';
    return html`<g class="l${index % 8}"><title>${visibleText(name)}</title><path d="${path(points) ?? ''}"/>${
      last ? html`<circle cx="${round(x(last.at))}" cy="${round(y(last.value))}" r="3.5"/>` : ''
    }${label === '' ? '' : html`<text x="${right + 10}" y="${round((heights[index] ?? 0) + 4)}">${label}</text>`}</g>`;
  });
  return svg(frame, 'lines', [...grid, ...marks, ...lines]);
}

/** Round numbers around all values; of bytes those that are round in their unit. */
function valueTicks(values: readonly number[], unit: string): number[] {
  const most = Math.max(...values);
  const least = Math.min(...values);
  const step =
    unit === 'bytes' ? 1024 ** Math.max(0, Math.floor(Math.log2(Math.max(Math.abs(most), 1)) / 10)) : 1;
  // From zero unless the changes would not be seen then.
  const from = least >= 0 && least < most * 0.6 ? 0 : least;
  const room = most === from ? Math.max(Math.abs(most) * 0.1, step) : 0;
  const scale = scaleLinear()
    .domain([(from - room) / step, (most + room) / step])
    .nice(4);
  const ticks = scale.ticks(4);
  const [first = 0, last = 1] = scale.domain();
  const all = [...(ticks[0] === first ? [] : [first]), ...ticks, ...(ticks.at(-1) === last ? [] : [last])];
  return all.filter((tick) => least < 0 || tick >= 0).map((tick) => tick * step);
}

const monthDay = new Intl.DateTimeFormat('en-GB', { timeZone: 'UTC', day: 'numeric', month: 'short' });
const monthYear = new Intl.DateTimeFormat('en-GB', { timeZone: 'UTC', month: 'short', year: 'numeric' });
const hour = new Intl.DateTimeFormat('en-GB', { timeZone: 'UTC', hour: '2-digit', minute: '2-digit' });

function dateText(at: Date, days: boolean): string {
  if (!days) return hour.format(at);
  return at.getUTCDate() === 1 && at.getUTCMonth() === 0 ? monthYear.format(at) : monthDay.format(at);
}

/** Moves heights away from each other, so that names don't lie on top of each other. */
function apart(heights: readonly number[]): number[] {
  const order = heights.map((height, index) => ({ height, index })).toSorted((a, b) => a.height - b.height);
  const moved = [...heights];
  let lowest = Number.NEGATIVE_INFINITY;
  for (const { height, index } of order) {
    lowest = Math.max(height, lowest + lineHeight);
    moved[index] = lowest;
  }
  return moved;
}
