import { html } from 'hono/html';
import type { ReportResult } from '../../result.ts';
import type { Markup } from '../chart/svg.ts';
import { visibleText } from '../visible-text.ts';

/** What one has to know to read the report: what it was asked with, what it can't see, what its columns mean. */
export function notesSection({ parameters, limits, columns }: ReportResult): Markup {
  return html`<section class="card"><h2>About this report</h2>${
    parameters.length > 0
      ? html`<h3>Asked with</h3><dl class="what">${parameters.map(
          ({ name, value, meaning }) =>
            html`<dt>${visibleText(name)}: ${visibleText(value)}</dt><dd>${visibleText(meaning)}</dd>`,
        )}</dl>`
      : ''
  }${
    limits.length > 0
      ? html`<h3>What it can not see</h3><ul>${limits.map((limit) => html`<li>${visibleText(limit)}</li>`)}</ul>`
      : ''
  }<h3>Columns</h3><dl class="what">${columns.map(
    ({ title, meaning, name }) =>
      html`<dt>${visibleText(title)}</dt><dd>${visibleText(meaning)} (<code>${visibleText(name)}</code> in files for programs)</dd>`,
  )}</dl></section>`;
}
