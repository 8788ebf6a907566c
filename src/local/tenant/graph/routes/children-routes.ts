import type { Exchange, Reply } from '../../http/route.ts';
import { findItem } from '../addressing/find-item.ts';
import { itemPath } from '../addressing/item-paths.ts';
import type { Drive } from '../drives/drive.ts';
import type { ItemRecord } from '../drives/item-record.ts';
import { childrenOf } from '../drives/remove-item.ts';
import { faults } from '../errors.ts';
import type { GraphContext } from '../graph-context.ts';
import { expansions } from '../render/expansions.ts';
import { contextUrl, viewFor } from '../render/item-answer.ts';
import { createItemWriter } from '../render/render-item.ts';
import { type GraphRoute, graphRoute } from '../wire/graph-route.ts';
import { type QueryOptions, queryOptions } from '../wire/query-options.ts';
import { collection, odata } from '../wire/reply.ts';

const PAGE = 200;
const MOST = 1000;

/** The children of a folder, page by page. */
export function childrenRoutes(context: GraphContext): GraphRoute[] {
  return [
    graphRoute({
      method: 'GET',
      path: itemPath('/children'),
      display: '/{drive}/{item}/children',
      summary: 'The children of a folder',
      contract: '2.4',
      strict:
        'no $skip; on business drives $orderby by name only and no $filter but folder ne null; pages of at most 1000',
      units: (exchange) => (/permissions/i.test(queryOptions(exchange).expand.join()) ? 5 : 2),
      handle: (exchange) => listChildren(context, exchange),
    }),
  ];
}

function listChildren(context: GraphContext, exchange: Exchange): Reply {
  const { drive, record } = findItem(context, exchange, 'read');
  const options = queryOptions(exchange);
  const kind = facetFilter(options.filter);
  if (
    options.filter !== undefined &&
    kind === undefined &&
    drive.type !== 'personal' &&
    context.switches.childrenFilter === 'refuse'
  ) {
    throw faults.badRequest('$filter is not supported on the children of this drive.', 'invalidQueryOption');
  }
  const top = pageSize(context, options);
  const from = options.skipToken === undefined ? 0 : readPlace(options.skipToken);
  const all = order(drive, record, options);
  const children =
    kind === undefined ? all : all.filter((child) => (child.kind === kind.facet) === kind.wanted);
  const shown = children.slice(from, from + top);
  const view = viewFor(context, exchange, drive, 'list');
  const write = createItemWriter(view, options.select);
  const rows = shown.map((child) => write(child, expansions(context, view, child, options.expand)));
  const links: Record<string, string> = {};
  if (from + top < children.length) links['@odata.nextLink'] = nextLink(exchange, from + top);
  const what = contextUrl(exchange, `drives('${drive.id}')/items('${record.id}')/children`);
  return odata(200, collection(what, rows, links));
}

/** `folder ne null` and its kin, the one filter that clients are known to use on children and that works. */
function facetFilter(filter: string | undefined): { facet: string; wanted: boolean } | undefined {
  const [, facet, operator] = /^(folder|file) (ne|eq) null$/i.exec(filter?.trim() ?? '') ?? [];
  if (facet === undefined || operator === undefined) return undefined;
  return { facet: facet.toLowerCase(), wanted: operator.toLowerCase() === 'ne' };
}

function pageSize(context: GraphContext, { top }: QueryOptions): number {
  if (top === undefined) return PAGE;
  if (top > MOST && context.switches.topAboveMaximum === 'refuse') {
    throw faults.badRequest(`The limit of '${MOST}' for Top query has been exceeded.`, 'invalidQueryOption');
  }
  return Math.min(MOST, Math.max(1, top));
}

/** By name unless asked otherwise, so that pages don't shift while somebody else writes. */
function order(drive: Drive, folder: ItemRecord, { orderBy }: QueryOptions): ItemRecord[] {
  const property = orderBy?.property.toLowerCase() ?? 'name';
  const allowed = drive.type === 'personal' ? ['name', 'size', 'lastmodifieddatetime'] : ['name', 'url'];
  if (!allowed.includes(property)) {
    throw faults.badRequest(
      `Ordering by ${orderBy?.property} is not supported on this drive.`,
      'invalidQueryOption',
    );
  }
  const children = [...childrenOf(drive, folder.id)];
  const sign = orderBy?.descending ? -1 : 1;
  const byName = (a: ItemRecord, b: ItemRecord) => (a.name.toLowerCase() < b.name.toLowerCase() ? -1 : 1);
  const compare: (a: ItemRecord, b: ItemRecord) => number =
    property === 'size'
      ? (a, b) => a.size - b.size
      : property === 'lastmodifieddatetime'
        ? (a, b) => a.modified - b.modified
        : byName;
  return children.sort((a, b) => sign * compare(a, b));
}

/** The same query from another place. */
export function nextLink(exchange: Exchange, place: number): string {
  const url = new URL(exchange.url);
  for (const name of [...url.searchParams.keys()]) {
    if (name.toLowerCase().replace('$', '') === 'skiptoken') url.searchParams.delete(name);
  }
  url.searchParams.set('$skiptoken', writePlace(place));
  return url.href;
}

export function writePlace(place: number): string {
  return Buffer.from(`place ${place}`).toString('base64url');
}

export function readPlace(token: string): number {
  const found = /^place (\d+)$/.exec(Buffer.from(token, 'base64url').toString());
  if (!found) throw faults.badRequest('The skip token is not valid.', 'invalidQueryOption');
  return Number(found[1]);
}
