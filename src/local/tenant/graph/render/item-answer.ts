import type { Exchange } from '../../http/route.ts';
import type { Drive } from '../drives/drive.ts';
import type { ItemRecord } from '../drives/item-record.ts';
import type { GraphContext } from '../graph-context.ts';
import { odata } from '../wire/reply.ts';
import { createItemView, type ItemView, type ViewMode } from './item-view.ts';
import { createItemWriter } from './render-item.ts';

/** The view of one exchange: links follow the host that the client used. */
export function viewFor(context: GraphContext, exchange: Exchange, drive: Drive, mode: ViewMode): ItemView {
  const preferences = exchange.headers.prefer ?? '';
  return createItemView({
    drive,
    mode,
    identity: context.identity,
    hierarchicalSharing: /\bhierarchicalsharing\b/i.test(preferences),
    downloadUrl: (record) => downloadUrl(context, exchange, drive, record),
  });
}

/** A pre-authenticated address on the files listener. */
export function downloadUrl(
  context: GraphContext,
  exchange: Exchange,
  drive: Drive,
  record: ItemRecord,
): string {
  const expires = context.clock() + context.switches.downloadSeconds * 1000;
  const pass = context.passes.sign({ what: 'content', drive: drive.id, item: record.id, expires });
  const id = record.guid.toUpperCase();
  return `${exchange.urls.files}/_layouts/15/download.aspx?UniqueId=${id}&Translate=false&tempauth=${pass}`;
}

/** A driveItem as the whole answer. */
export function itemAnswer(
  context: GraphContext,
  exchange: Exchange,
  drive: Drive,
  record: ItemRecord,
  status = 200,
  select?: readonly string[],
): ReturnType<typeof odata> {
  const json = createItemWriter(viewFor(context, exchange, drive, 'item'), select)(record);
  return odata(status, withContext(exchange, `drives('${drive.id}')/items/$entity`, json));
}

/** Puts `@odata.context` in front of an object's JSON text. */
export function withContext(exchange: Exchange, what: string, json: string): string {
  const context = `"@odata.context":${JSON.stringify(contextUrl(exchange, what))}`;
  return json === '{}' ? `{${context}}` : `{${context},${json.slice(1)}`;
}

export function contextUrl(exchange: Exchange, what: string): string {
  return `${exchange.urls.graph}/v1.0/$metadata#${what}`;
}
