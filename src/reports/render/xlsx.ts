import type { ReportResult } from '../result.ts';
import { gatherText } from './gather-text.ts';
import type { Renderer, RenderMeta } from './renderer.ts';
import { aboutSheet } from './xlsx/about-sheet.ts';
import { xmlText } from './xlsx/cells.ts';
import { emptyCount, linksXml, rowsSheet, sheetRowLimit } from './xlsx/rows-sheet.ts';
import { stylesXml } from './xlsx/styles.ts';
import { type ZipEntry, zip } from './xlsx/zip.ts';

/**
 * A workbook of two sheets: the rows, and `About`. Written by hand and not by write-excel-file, which holds the whole workbook in memory: 100,000
 * rows of 12 cells took it 776 MiB, and this takes a million in what it takes for one. A workbook opens at
 * `About` when drives or rows are missing.
 */
export const xlsx: Renderer = {
  format: 'xlsx',
  contentType: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  extension: 'xlsx',
  rowLimit: sheetRowLimit - 1,
  render: (result, meta) => zip(parts(result, meta)),
};

function* parts(result: ReportResult, meta: RenderMeta): Generator<ZipEntry> {
  const count = emptyCount();
  const atAbout = result.coverage.missing.length > 0 || result.rowCount > sheetRowLimit - 1;
  yield part('[Content_Types].xml', contentTypes);
  yield part('_rels/.rels', relationships(documentParts));
  yield part('docProps/core.xml', properties(result));
  yield part('xl/workbook.xml', workbook(result, atAbout));
  yield part('xl/_rels/workbook.xml.rels', relationships(workbookParts));
  yield part('xl/styles.xml', stylesXml);
  yield { name: 'xl/worksheets/sheet1.xml', data: gatherText(declared(rowsSheet(result, count, !atAbout))) };
  // What follows is made after the rows were written, and knows what became of them.
  if (count.links.length > 0) yield part('xl/worksheets/_rels/sheet1.xml.rels', linksXml(count.links));
  yield part('xl/worksheets/sheet2.xml', aboutSheet(result, meta, count, atAbout));
}

const declaration = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';

async function* declared(xml: AsyncIterable<string>): AsyncGenerator<string> {
  yield declaration;
  yield* xml;
}

const part = (name: string, xml: string): ZipEntry => ({ name, data: gatherText([declaration, xml]) });

const sheetType = 'application/vnd.openxmlformats-officedocument.spreadsheetml';
const contentTypes =
  '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>' +
  `<Override PartName="/xl/workbook.xml" ContentType="${sheetType}.sheet.main+xml"/>` +
  `<Override PartName="/xl/styles.xml" ContentType="${sheetType}.styles+xml"/>` +
  `<Override PartName="/xl/worksheets/sheet1.xml" ContentType="${sheetType}.worksheet+xml"/>` +
  `<Override PartName="/xl/worksheets/sheet2.xml" ContentType="${sheetType}.worksheet+xml"/>` +
  '<Override PartName="/docProps/core.xml" ContentType="application/vnd.openxmlformats-package.core-properties+xml"/></Types>';

const office = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
const documentParts = [
  [`${office}/officeDocument`, 'xl/workbook.xml'],
  [
    'http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties',
    'docProps/core.xml',
  ],
] as const;
const workbookParts = [
  [`${office}/worksheet`, 'worksheets/sheet1.xml'],
  [`${office}/worksheet`, 'worksheets/sheet2.xml'],
  [`${office}/styles`, 'styles.xml'],
] as const;

function relationships(targets: readonly (readonly [type: string, target: string])[]): string {
  const each = targets.map(
    ([type, target], index) => `<Relationship Id="rId${index + 1}" Type="${type}" Target="${target}"/>`,
  );
  return `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">${each.join('')}</Relationships>`;
}

function properties({ title, generatedAt }: ReportResult): string {
  const at = generatedAt.toISOString();
  return (
    '<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">' +
    `<dc:title>${xmlText(title)}</dc:title><dc:creator>Graph Valet</dc:creator><dcterms:created xsi:type="dcterms:W3CDTF">${at}</dcterms:created></cp:coreProperties>`
  );
}

function workbook({ title }: ReportResult, atAbout: boolean): string {
  return (
    `<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="${office}"><bookViews><workbookView activeTab="${atAbout ? 1 : 0}"/></bookViews>` +
    `<sheets><sheet name="${xmlText(sheetName(title))}" sheetId="1" r:id="rId1"/><sheet name="About" sheetId="2" r:id="rId2"/></sheets></workbook>`
  );
}

/** Excel refuses some signs, more than 31 of them, and two names of its own. */
function sheetName(title: string): string {
  const name = [...title.replace(/[[\]:*?/\\\p{Cc}]/gu, ' ')]
    .slice(0, 31)
    .join('')
    .slice(0, 31)
    .replace(/^[\s']+|[\s']+$/g, '');
  return name === '' || /^(about|history)$/i.test(name) ? 'Rows' : name;
}
