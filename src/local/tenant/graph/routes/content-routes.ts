import type { Exchange, Reply, Route } from '../../http/route.ts';
import { HttpFault } from '../../http/route.ts';
import { checkLength, checkLock, checkNoToken, checkPreconditions, editorFor } from '../access/guards.ts';
import { findItem, findPlace } from '../addressing/find-item.ts';
import { itemPath } from '../addressing/item-paths.ts';
import { mimeTypeOf } from '../content/mime-types.ts';
import { readContent } from '../content/read-content.ts';
import { storeUpload } from '../content/store-upload.ts';
import type { ItemRecord } from '../drives/item-record.ts';
import { faults } from '../errors.ts';
import type { GraphContext } from '../graph-context.ts';
import { downloadUrl, itemAnswer } from '../render/item-answer.ts';
import { cTagOf, eTagOf } from '../render/tags.ts';
import { conflictBehavior } from '../wire/bodies.ts';
import { type GraphRoute, graphRoute } from '../wire/graph-route.ts';

const MOST = 250 * 1024 * 1024;
const CONVERTIBLE = [
  'doc',
  'docx',
  'dot',
  'dotx',
  'odp',
  'ods',
  'odt',
  'pot',
  'potm',
  'potx',
  'pps',
  'ppsx',
  'ppsxm',
  'ppt',
  'pptm',
  'pptx',
  'rtf',
  'xls',
  'xlsx',
  'csv',
  'eml',
  'html',
  'md',
  'tif',
  'tiff',
];

/** The bytes of a file: download by redirect, conversion, simple upload. */
export function contentRoutes(context: GraphContext): GraphRoute[] {
  return [
    graphRoute({
      method: 'GET',
      path: itemPath('/content'),
      display: '/{drive}/{item}/content',
      summary: 'Redirects to a pre-authenticated address of the bytes',
      contract: '4.9',
      units: 1,
      handle(exchange) {
        const { drive, record } = findItem(context, exchange, 'read');
        if (record.kind !== 'file') throw faults.badRequest('Folders have no content.');
        if (record.extras?.malware !== undefined)
          throw new HttpFault(403, 'malwareDetected', 'Malware was detected in this item.');
        const known = exchange.headers['if-none-match'];
        if (known !== undefined && [eTagOf(drive, record), cTagOf(drive, record)].includes(known))
          return { status: 304 };
        const location = downloadUrl(context, exchange, drive, record);
        const format = exchange.query.get('format');
        if (format === null) return { status: 302, headers: { location } };
        const extension = record.name.split('.').at(-1)?.toLowerCase() ?? '';
        if (format !== 'pdf' || !CONVERTIBLE.includes(extension)) {
          throw new HttpFault(406, 'notSupported', `Conversion of this file to ${format} is not supported.`);
        }
        return { status: 302, headers: { location: `${location}&format=pdf` } };
      },
    }),
    graphRoute({
      method: 'PUT',
      path: itemPath('/content'),
      display: '/{drive}/{item}/content',
      summary: 'Simple upload: a new file, or new content',
      contract: '4.1',
      strict: 'names, conflict behaviours, If-Match, locks, quota, 250 MB',
      units: 2,
      handle: (exchange) => putContent(context, exchange),
    }),
  ];
}

function putContent(context: GraphContext, exchange: Exchange): Reply {
  const place = findPlace(context, exchange);
  const { drive, record, token } = place;
  const editor = editorFor(context, token);
  checkLength(exchange);
  if (exchange.body.length > MOST)
    throw new HttpFault(413, 'maxFileSizeExceeded', 'The content is too large for a simple upload.');
  checkPreconditions(drive, record, exchange);
  if (record) checkLock(context, record, editor.actor, exchange);
  const asked = conflictBehavior.safeParse(
    exchange.query.get('@microsoft.graph.conflictBehavior') ?? 'replace',
  );
  if (!asked.success) throw faults.badRequest('The conflict behaviour is not known.');
  const byId = record !== undefined && place.missing.length === 0 && exchange.params.path === undefined;
  const parent = byId ? drive.items.live(record.parentId ?? '') : place.parent;
  if (!parent) throw faults.badRequest('The root folder has no content.');
  const mimeType = exchange.headers['content-type']?.split(';')[0];
  const known = mimeTypeOf(place.name);
  const { record: written, made } = storeUpload(context, {
    drive,
    parent,
    missing: place.missing,
    name: place.name,
    bytes: exchange.body,
    behavior: asked.data,
    editor,
    ...(known === 'application/octet-stream' && mimeType && mimeType !== 'text/plain' ? { mimeType } : {}),
  });
  return itemAnswer(context, exchange, drive, written, made ? 201 : context.switches.replacedStatus);
}

/** The pre-authenticated address: no token, with ranges. */
export function downloadRoute(context: GraphContext): Route {
  return {
    listener: 'files',
    method: 'GET',
    path: '/_layouts/15/download.aspx',
    summary: 'The bytes of a file by a pre-authenticated address',
    contract: '4.9',
    strict: 'expiry; Range; a bearer token is refused when a switch says so',
    handle(exchange) {
      checkNoToken(context, exchange);
      const pass = context.passes.read(exchange.query.get('tempauth') ?? '');
      if (pass === 'expired') throw new HttpFault(401, 'unauthenticated', 'The address has expired.');
      const drive = pass?.what === 'content' ? context.drives.byId(pass.drive) : undefined;
      const record = pass && drive?.items.live(pass.item);
      if (!drive || !record) throw faults.notFound();
      if (exchange.query.get('format') === 'pdf') return pdfOf(record);
      const version = exchange.query.get('version');
      const former = record.extras?.versions?.find((one) => one.id === version);
      if (version !== null && version !== `${record.contentRevision}.0` && !former) throw faults.notFound();
      const { content, size } = former ?? record;
      return bytesOf(context, exchange, { ...record, ...(content ? { content } : {}), size });
    },
  };
}

function bytesOf(context: GraphContext, exchange: Exchange, record: ItemRecord): Reply {
  const headers = {
    'content-type': record.extras?.mimeType ?? mimeTypeOf(record.name),
    'content-disposition': `attachment; filename*=UTF-8''${encodeURIComponent(record.name)}`,
    'accept-ranges': 'bytes',
  };
  const range = /^bytes=(\d*)-(\d*)$/.exec(exchange.headers.range ?? '');
  if (!range) {
    return {
      status: 200,
      headers: { ...headers, 'content-length': String(record.size) },
      body: readContent(context, record, 0, record.size),
    };
  }
  const [, first = '', last = ''] = range;
  const start = first === '' ? Math.max(0, record.size - Number(last)) : Number(first);
  const end = first === '' || last === '' ? record.size : Math.min(record.size, Number(last) + 1);
  if (start >= record.size || start >= end) {
    throw new HttpFault(416, 'invalidRange', 'The range is not satisfiable.', {
      headers: { 'content-range': `bytes */${record.size}` },
    });
  }
  return {
    status: 206,
    headers: {
      ...headers,
      'content-range': `bytes ${start}-${end - 1}/${record.size}`,
      'content-length': String(end - start),
    },
    body: readContent(context, record, start, end),
  };
}

/** A small but real PDF that says what it was made of. */
function pdfOf(record: ItemRecord): Reply {
  const text = `BT /F1 18 Tf 72 720 Td (${record.name.replace(/[^ -~]|[()\\]/g, ' ')}) Tj ET`;
  const objects = [
    '<</Type/Catalog/Pages 2 0 R>>',
    '<</Type/Pages/Kids[3 0 R]/Count 1>>',
    '<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>',
    `<</Length ${text.length}>>stream\n${text}\nendstream`,
    '<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>',
  ];
  let body = '%PDF-1.4\n';
  const places = objects.map((object, index) => {
    const place = body.length;
    body += `${index + 1} 0 obj${object}endobj\n`;
    return `${String(place).padStart(10, '0')} 00000 n \n`;
  });
  const table = `xref\n0 6\n0000000000 65535 f \n${places.join('')}trailer<</Size 6/Root 1 0 R>>\nstartxref\n${body.length}\n%%EOF\n`;
  return {
    status: 200,
    headers: { 'content-type': 'application/pdf' },
    body: Buffer.from(body + table, 'latin1'),
  };
}
