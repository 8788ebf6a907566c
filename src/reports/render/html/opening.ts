import { html } from 'hono/html';
import { countText, valueText } from '../../human.ts';
import type { ReportResult } from '../../result.ts';
import type { Markup } from '../chart/svg.ts';
import { amountText, differenceText } from '../figure-text.ts';
import type { RenderMeta } from '../renderer.ts';
import { visibleText } from '../visible-text.ts';
import { isWebAddress } from '../web-address.ts';

/** The band at the top: what this is and when it was made. */
export function banner(result: ReportResult, meta: RenderMeta): Markup {
  const { title, summary, generatedAt, rowCount } = result;
  const facts = [
    html`<time datetime="${generatedAt.toISOString()}">${momentText(generatedAt)}</time>`,
    html`${countText(rowCount, 'row')}`,
    ...(meta.job === undefined ? [] : [html`job ${visibleText(meta.job)}`]),
    ...(meta.url !== undefined && isWebAddress(meta.url)
      ? [html`<a class="run" href="${meta.url}" rel="noreferrer">this run in the console</a>`]
      : []),
  ];
  return html`<header class="top"><div><p class="brand">${mark}Graph Valet report</p><h1>${visibleText(title)}</h1><p>${visibleText(summary)}</p><p class="made">${facts.map((fact, index) => (index === 0 ? fact : html` · ${fact}`))}</p></div></header>`;
}

const mark = html`<svg viewBox="0 0 24 24" aria-hidden="true"><circle cx="8" cy="12" r="5"/><path d="M13 12h9v4M18 12v3"/></svg>`;

const moment = new Intl.DateTimeFormat('en-GB', {
  timeZone: 'UTC',
  day: 'numeric',
  month: 'long',
  year: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
});

/** `20 November 2026 at 06:00 UTC`. */
export function momentText(at: Date): string {
  return `${moment.format(at)} UTC`;
}

/** What the numbers say, and of which drives they speak. */
export function overview({ sentences, totals, coverage }: ReportResult): Markup {
  return html`<section class="card" aria-label="Overview">${
    sentences.length > 0 ? html`<p class="say">${visibleText(sentences.join(' '))}</p>` : ''
  }${
    totals.length > 0
      ? html`<dl class="figures">${totals.map((figure) => {
          const difference = differenceText(figure);
          const value = figure.value === null ? 'none' : amountText(figure.value, figure.unit);
          return html`<div><dt>${figure.title}</dt><dd>${value}</dd>${difference === undefined ? '' : html`<dd>${difference}</dd>`}</div>`;
        })}</dl>`
      : ''
  }${covered(coverage)}</section>`;
}

function covered({ line, missing, readAt }: ReportResult['coverage']): Markup {
  const oldest = readAt === null ? '' : html` Oldest reading: ${valueText(readAt, { type: 'time' })}.`;
  if (missing.length === 0) return html`<p class="cover"><span><b>Coverage:</b> ${line}${oldest}</span></p>`;
  const listed = missing.slice(0, 200);
  return html`<details class="warn" open><summary>Not everything was read: ${line}</summary><ul>${listed.map(
    ({ drive, outcome, reason }) =>
      html`<li><b>${visibleText(drive)}</b>, ${outcome}: ${visibleText(reason)}</li>`,
  )}</ul>${missing.length > listed.length ? html`<p>and ${countText(missing.length - listed.length, 'drive')} more.</p>` : ''}<p>${oldest}</p></details>`;
}
