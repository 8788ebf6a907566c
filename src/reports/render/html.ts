import { createHash } from 'node:crypto';
import { html as markup, raw } from 'hono/html';
import type { ReportResult } from '../result.ts';
import type { Markup } from './chart/svg.ts';
import { gatherText } from './gather-text.ts';
import { changesSection } from './html/changes.ts';
import { chartSection } from './html/charts.ts';
import { notesSection } from './html/notes.ts';
import { banner, overview } from './html/opening.ts';
import { pageRowLimit, rowsSection } from './html/rows.ts';
import { script } from './html/script.ts';
import { sheetFor } from './html/sheet.ts';
import type { Renderer, RenderMeta } from './renderer.ts';
import { visibleText } from './visible-text.ts';

/**
 * One file that needs nothing else: it reads without script, prints, fits a phone, and is light or dark as its reader likes. Its own policy allows its
 * sheet and its script by their hashes and no network at all, so that nothing which slipped into a name could run or call home.
 */
export const html: Renderer = {
  format: 'html',
  contentType: 'text/html; charset=utf-8',
  extension: 'html',
  rowLimit: pageRowLimit,
  render: (result, meta) => gatherText(texts(result, meta)),
};

async function* texts(result: ReportResult, meta: RenderMeta): AsyncGenerator<string> {
  for await (const piece of pieces(result, meta)) yield String(await piece);
}

async function* pieces(result: ReportResult, meta: RenderMeta): AsyncGenerator<Markup | string> {
  yield head(result);
  yield banner(result, meta);
  yield markup`<main>`;
  yield overview(result);
  if (result.changes) yield changesSection(result.changes);
  for (const [index, chart] of result.charts.entries()) yield chartSection(chart, index);
  yield* rowsSection(result);
  yield notesSection(result);
  yield markup`</main><footer>Made by Graph Valet. Times are UTC; 1 KB is 1,024 bytes. This file asks nothing of any network.</footer><script>${raw(script)}</script></body></html>
`;
}

function head({ title, columns, label }: ReportResult): Markup {
  const sheet = sheetFor(columns, label);
  const policy = `default-src 'none'; style-src ${hashOf(sheet)}; script-src ${hashOf(script)}; base-uri 'none'; form-action 'none'`;
  return markup`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><meta name="robots" content="noindex"><meta name="referrer" content="no-referrer"><meta http-equiv="Content-Security-Policy" content="${policy}"><title>${visibleText(title)}</title><style>${raw(sheet)}</style></head><body>
`;
}

function hashOf(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}
