import { html } from 'hono/html';
import { countText } from '../../human.ts';
import type { Change, Changes } from '../../result.ts';
import type { Markup } from '../chart/svg.ts';
import { visibleText } from '../visible-text.ts';

const atOnce = 4;
const signs = { added: '+ added', removed: '− removed', changed: '~ changed' } as const;

/** What came, went and changed since the last run. */
export function changesSection(changes: Changes): Markup {
  const { line, some, added, removed, changed } = changes;
  const beyond = added + removed + changed - some.length;
  const first = new Set(
    Object.keys(signs).flatMap((kind) => some.filter((change) => change.kind === kind).slice(0, atOnce)),
  );
  const rest = some.filter((change) => !first.has(change));
  return html`<section class="card"><h2>Changes since the last run</h2><p class="hint">${visibleText(line)}</p>${
    some.length > 0 ? list([...first]) : ''
  }${rest.length > 0 ? html`<details><summary>${countText(rest.length, 'more change')}</summary>${list(rest)}</details>` : ''}${
    beyond > 0 && some.length > 0
      ? html`<p class="hint">${countText(beyond, 'change')} beyond these ${beyond === 1 ? 'is' : 'are'} not listed.</p>`
      : ''
  }</section>`;
}

function list(changes: readonly Change[]): Markup {
  return html`<table class="small log"><thead><tr><th scope="col">What</th><th scope="col">Which</th></tr></thead><tbody>${changes.map(
    ({ kind, label, fields }) =>
      html`<tr><td><span class="kind ${kind}">${signs[kind]}</span></td><td>${visibleText(label)}${
        fields.length > 0
          ? html`<div class="diff">${fields.map(({ title, before, after }, index) => html`${index > 0 ? '; ' : ''}${title}: ${visibleText(before === '' ? 'nothing' : before)} → ${visibleText(after === '' ? 'nothing' : after)}`)}</div>`
          : ''
      }</td></tr>`,
  )}</tbody></table>`;
}
