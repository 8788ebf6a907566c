import type { Exchange, Reply } from '../../http/route.ts';
import { decode } from '../addressing/find-drive.ts';
import { findItem } from '../addressing/find-item.ts';
import { drivePath, itemPath } from '../addressing/item-paths.ts';
import type { ItemRecord } from '../drives/item-record.ts';
import { descendants } from '../drives/remove-item.ts';
import type { GraphContext } from '../graph-context.ts';
import { contextUrl, viewFor } from '../render/item-answer.ts';
import { createItemWriter } from '../render/render-item.ts';
import { type GraphRoute, graphRoute } from '../wire/graph-route.ts';
import { queryOptions } from '../wire/query-options.ts';
import { collection, odata } from '../wire/reply.ts';
import { nextLink, readPlace } from './children-routes.ts';

const SEARCH = "/(?:microsoft\\.graph\\.)?search\\(q='(?<q>(?:[^']|'')*)'\\)";
const MOST_FOUND = 2_000;

/** Search by words of names; the index may lag behind. */
export function searchRoutes(context: GraphContext): GraphRoute[] {
  const parts = {
    method: 'GET',
    summary: 'Items whose names hold the words',
    contract: '2.5',
    omitted: 'content of files, relevance, items of other drives',
    units: 2,
    handle: (exchange: Exchange) => search(context, exchange),
  } as const;
  return [
    graphRoute({ ...parts, path: itemPath(SEARCH), display: "/{drive}/{item}/search(q='…')" }),
    graphRoute({ ...parts, path: drivePath(SEARCH), display: "/{drive}/search(q='…')" }),
  ];
}

function search(context: GraphContext, exchange: Exchange): Reply {
  const { drive, record } = findItem(context, exchange, 'read');
  const { top = 200, select, skipToken } = queryOptions(exchange);
  const words = decode(exchange.params.q ?? '')
    .replaceAll("''", "'")
    .toLowerCase()
    .split(/\s+/)
    .filter(Boolean);
  const newest = context.clock() - context.switches.indexDelayMs;
  const found: ItemRecord[] = [];
  for (const item of descendants(drive, record)) {
    const name = item.name.toLowerCase();
    if (item.modified <= newest && words.every((word) => name.includes(word))) found.push(item);
    if (found.length >= MOST_FOUND) break;
  }
  const from = skipToken === undefined ? 0 : readPlace(skipToken);
  const size = Math.min(1000, Math.max(1, top));
  const write = createItemWriter(viewFor(context, exchange, drive, 'list'), select);
  const rows = found.slice(from, from + size).map((item) => write(item));
  const links: Record<string, string> =
    from + size < found.length ? { '@odata.nextLink': nextLink(exchange, from + size) } : {};
  return odata(200, collection(contextUrl(exchange, 'Collection(driveItem)'), rows, links));
}
