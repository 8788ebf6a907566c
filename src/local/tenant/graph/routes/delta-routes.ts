import type { Exchange, Reply } from '../../http/route.ts';
import { HttpFault } from '../../http/route.ts';
import { findItem } from '../addressing/find-item.ts';
import { itemPath } from '../addressing/item-paths.ts';
import { type DeltaCursor, readCursor, writeCursor } from '../drives/delta-cursor.ts';
import { type DeltaPage, deltaPage } from '../drives/delta-page.ts';
import type { Drive } from '../drives/drive.ts';
import { faults } from '../errors.ts';
import type { GraphContext } from '../graph-context.ts';
import { expansions } from '../render/expansions.ts';
import { contextUrl, viewFor } from '../render/item-answer.ts';
import { createItemWriter } from '../render/render-item.ts';
import { type GraphRoute, graphRoute } from '../wire/graph-route.ts';
import { queryOptions } from '../wire/query-options.ts';
import { collection, odata } from '../wire/reply.ts';

const PAGE = 200;
const MOST = 1000;
/** Sharing changes are marked for those only who send all three. */
const SHARING = ['deltashowsharingchanges', 'deltashowremovedasdeleted', 'deltatraversepermissiongaps'];
const MESSAGE =
  "Resync required. Replace any local items with the server's version (including deletes) if you're sure that the service was up to date with your local changes when you last sync'd. Upload any local changes that the server doesn't know about.";

/** The delta feed of a drive. */
export function deltaRoutes(context: GraphContext): GraphRoute[] {
  const parts = {
    method: 'GET',
    summary: 'The delta feed',
    contract: '3',
    strict:
      'latest, tokens, times on business drives, 410 of both spellings, Prefer headers; root only on business drives',
    // Without a token it is a query for many items.
    units: (exchange: Exchange) => (tokenGiven(exchange) === undefined ? 2 : 1),
    handle: (exchange: Exchange) => readDelta(context, exchange),
  } as const;
  return [
    graphRoute({
      ...parts,
      path: itemPath('/(?:microsoft\\.graph\\.)?delta'),
      display: '/{drive}/root/delta',
    }),
    graphRoute({
      ...parts,
      path: itemPath("/(?:microsoft\\.graph\\.)?delta\\((?:token='(?<token>[^']*)')?\\)"),
      display: "/{drive}/root/delta(token='…')",
    }),
  ];
}

function readDelta(context: GraphContext, exchange: Exchange): Reply {
  const { drive, record } = findItem(context, exchange, 'read');
  if (record.id !== drive.rootId && drive.type !== 'personal' && context.switches.folderDelta === 'refuse') {
    throw faults.badRequest(`The expression 'items/${record.id}/delta' is not valid.`);
  }
  const now = context.clock();
  const { top, select, expand } = queryOptions(exchange);
  const given = tokenGiven(exchange);
  const start = startOf(drive, given === undefined ? undefined : decodeURIComponent(given), now);
  if (start === 'gone') throw gone(context, exchange, drive);
  const limit = Math.min(MOST, Math.max(1, top ?? PAGE));
  const prefer = exchange.headers.prefer ?? '';
  const excludeParent =
    exchange.headers.deltaexcludeparent !== undefined || /deltaExcludeParent/i.test(prefer);
  const page = moody(drive, start, () => deltaPage(drive, start, limit, now, !excludeParent));
  const { deltaPath } = context.switches;
  const withPath = deltaPath === 'always' || (deltaPath === 'byId' && exchange.params.item !== undefined);
  const view = { ...viewFor(context, exchange, drive, 'delta'), deltaPath: withPath };
  const write = createItemWriter(view, select);
  const showSharing =
    drive.type !== 'personal' && SHARING.every((name) => prefer.toLowerCase().includes(name));
  const rows = page.rows.map(({ record: row, sharing }) => {
    const mark = showSharing && sharing ? '"@microsoft.graph.sharedChanged":"True"' : '';
    const more = [mark, expand.length > 0 ? expansions(context, view, row, expand) : '']
      .filter(Boolean)
      .join(',');
    return write(row, more);
  });
  const link = linkTo(context, exchange, drive, writeCursor(drive.id, { cursor: page.cursor, issued: now }));
  const links = { [page.more ? '@odata.nextLink' : '@odata.deltaLink']: link };
  const applied = prefer === '' ? {} : { 'preference-applied': prefer };
  return odata(200, collection(contextUrl(exchange, 'Collection(driveItem)'), rows, links), applied);
}

/** The token in any of the three spellings: `delta?token=`, `delta(token='…')`, `delta?(token='…')`. */
function tokenGiven({ params, query }: Exchange): string | undefined {
  const odd = query.get('(token')?.replace(/^'|'\)$/g, '');
  return params.token ?? query.get('token') ?? query.get('$deltatoken') ?? odd;
}

function startOf(drive: Drive, token: string | undefined, now: number): DeltaCursor | 'gone' {
  if (token === undefined || token === '') {
    return { mode: 'all', head: drive.log.head(now), position: 0, since: 0 };
  }
  if (token.toLowerCase() === 'latest') return { mode: 'changes', after: drive.log.head(now) };
  if (/^\d{4}-\d{2}-\d{2}T/.test(token)) {
    const since = Date.parse(token.replace(' ', '+'));
    if (drive.type === 'personal' || Number.isNaN(since)) {
      throw faults.badRequest('The provided delta token is not valid.', 'invalidDeltaToken');
    }
    return { mode: 'all', head: drive.log.cursorAt(since), position: 0, since };
  }
  const read = readCursor(drive.id, token);
  if (!read) throw faults.badRequest('The provided delta token is not valid.', 'invalidDeltaToken');
  return read.issued < drive.mood.delta.expiredBefore ? 'gone' : read.cursor;
}

function gone(context: GraphContext, exchange: Exchange, drive: Drive): HttpFault {
  const chosen = drive.mood.delta.goneInner ?? context.switches.resyncInner;
  const location = `${exchange.urls.graph}/v1.0/drives/${drive.id}/root/delta`;
  const { select, top } = queryOptions(exchange);
  const query = new URLSearchParams({
    ...(select ? { $select: select.join(',') } : {}),
    ...(top === undefined ? {} : { $top: String(top) }),
  }).toString();
  return new HttpFault(410, 'resyncRequired', MESSAGE, {
    ...(chosen === 'none' ? {} : { inner: chosen }),
    headers: { location: query === '' ? location : `${location}?${query}` },
  });
}

/** What control asked of the next answers: empty pages, rows that come twice. */
function moody(drive: Drive, start: DeltaCursor, read: () => DeltaPage): DeltaPage {
  const { delta } = drive.mood;
  if (delta.emptyPages > 0) {
    delta.emptyPages -= 1;
    return { rows: [], cursor: start, more: true };
  }
  const page = read();
  if (delta.repeatPages === 0) return page;
  delta.repeatPages -= 1;
  return { ...page, rows: [...page.rows, ...page.rows.slice(0, 5)] };
}

/** Opaque to the client; what was selected comes along. */
function linkTo(context: GraphContext, exchange: Exchange, drive: Drive, token: string): string {
  const { item } = exchange.params;
  const start = item === undefined ? 'root' : `items/${item}`;
  const base = `${exchange.urls.graph}/v1.0/drives/${drive.id}/${start}/delta`;
  const kept = new URLSearchParams();
  for (const [name, value] of exchange.query) {
    if (!/^[$(]?(token|deltatoken|skiptoken)$/i.test(name)) kept.append(name, value);
  }
  if (context.switches.deltaLink === 'function') {
    const query = kept.toString();
    return `${base}(token='${token}')${query === '' ? '' : `?${query}`}`;
  }
  kept.set('token', token);
  return `${base}?${kept}`;
}
