import { scaleLinear } from 'd3-scale';
import { html } from 'hono/html';
import type { Chart } from '../../result.ts';
import { amountText } from '../figure-text.ts';
import { visibleText } from '../visible-text.ts';
import { shortName } from './short-name.ts';
import { type Markup, round } from './svg.ts';

type Bars = Extract<Chart, { kind: 'bars' }>;
const most = 40;
const mostSigns = 44;
/** Names that are longer stand above their bars on a phone. */
const besideSigns = 14;

/** Bars that are rows of a table: name, bar, number. They fit any width, and read as what they are. */
export function barsTable({ title, unit, rows }: Bars): Markup {
  const values = rows.map(({ value }) => value);
  const scale = scaleLinear()
    .domain([Math.min(0, ...values), Math.max(0, ...values)])
    .range([0, 100]);
  const zero = round(scale(0));
  const shown = rows.slice(0, most);
  const rest = rows.slice(most);
  const restText = amountText(
    rest.reduce((total, { value }) => total + value, 0),
    unit,
  );
  const long = rows.some(({ label }) => label.length > besideSigns);
  return html`<table class="bars${long ? ' long' : ''}" aria-label="${title}"><tbody>${shown.map(
    ({ label, value }) => {
      const end = round(scale(value));
      const from = Math.min(zero, end);
      const width = Math.abs(end - zero);
      const name = visibleText(label);
      return html`<tr><th scope="row" title="${name}">${shortName(name, mostSigns)}</th><td><svg aria-hidden="true"><rect x="${from}%" y="1" height="14" width="${width === 0 ? '0' : `${Math.max(0.3, width)}%`}" rx="2"/>${zero > 0 ? html`<line class="zero" x1="${zero}%" x2="${zero}%" y1="0" y2="16"/>` : ''}</svg></td><td class="num">${amountText(value, unit)}</td></tr>`;
    },
  )}${
    rest.length > 0
      ? html`<tr><th scope="row">${rest.length} others</th><td></td><td class="num">${restText}</td></tr>`
      : ''
  }</tbody></table>`;
}
