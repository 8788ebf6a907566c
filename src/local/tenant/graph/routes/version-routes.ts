import type { Exchange } from '../../http/route.ts';
import { checkLock, editorFor, noContent } from '../access/guards.ts';
import { findItem } from '../addressing/find-item.ts';
import { itemPath } from '../addressing/item-paths.ts';
import { changed, withContent } from '../drives/edit-item.ts';
import { faults } from '../errors.ts';
import type { GraphContext } from '../graph-context.ts';
import { identityOf } from '../render/identities.ts';
import { contextUrl } from '../render/item-answer.ts';
import { type GraphRoute, graphRoute } from '../wire/graph-route.ts';
import { odata } from '../wire/reply.ts';

/** Versions of a file, and taking it out for oneself. */
export function versionRoutes(context: GraphContext): GraphRoute[] {
  const file = (exchange: Exchange, want: 'read' | 'write') => {
    const found = findItem(context, exchange, want);
    if (found.record.kind !== 'file') throw faults.badRequest('Only files have versions.');
    return found;
  };
  const business = (exchange: Exchange) => {
    const found = file(exchange, 'write');
    if (found.drive.type === 'personal') throw faults.notSupported('Operation not supported', 400);
    return { ...found, editor: editorFor(context, found.token) };
  };
  const iso = (time: number) => `${new Date(time).toISOString().slice(0, 19)}Z`;
  const action = (name: string, summary: string, handle: GraphRoute['handle']) =>
    graphRoute({
      method: 'POST',
      path: itemPath(`/(?:microsoft\\.graph\\.)?${name}`),
      display: `/{drive}/{item}/${name}`,
      summary,
      contract: '4.8',
      strict: 'business drives only',
      units: 2,
      handle,
    });

  return [
    graphRoute({
      method: 'GET',
      path: itemPath('/versions'),
      display: '/{drive}/{item}/versions',
      summary: 'Versions of a file, newest first',
      contract: '2.6',
      units: 2,
      handle(exchange) {
        const { record } = file(exchange, 'read');
        const newest = {
          id: `${record.contentRevision}.0`,
          modified: record.modified,
          modifiedBy: record.modifiedBy,
          size: record.size,
        };
        const value = [newest, ...(record.extras?.versions ?? [])].map((one) => ({
          id: one.id,
          lastModifiedDateTime: iso(one.modified),
          lastModifiedBy: identityOf(context.directory, one.modifiedBy),
          size: one.size,
        }));
        return odata(200, { '@odata.context': contextUrl(exchange, 'Collection(driveItemVersion)'), value });
      },
    }),
    graphRoute({
      method: 'POST',
      path: itemPath('/versions/(?<version>[^/]+)/(?:microsoft\\.graph\\.)?(?:restoreVersion|restore)'),
      display: '/{drive}/{item}/versions/{id}/restoreVersion',
      summary: 'Makes a former version the newest',
      contract: '2.6',
      units: 2,
      handle(exchange) {
        const { drive, record, token } = file(exchange, 'write');
        const editor = editorFor(context, token);
        checkLock(context, record, editor.actor, exchange);
        const former = record.extras?.versions?.find((one) => one.id === exchange.params.version);
        if (!former) throw faults.notFound();
        drive.commit(
          withContent(record, editor, { content: former.content, size: former.size }),
          context.clock(),
        );
        return noContent;
      },
    }),
    action('checkout', 'Takes a file out for oneself', (exchange) => {
      const { drive, record, editor } = business(exchange);
      checkLock(context, record, editor.actor, exchange);
      drive.commit(
        changed(record, editor, { extras: { ...record.extras, checkedOutBy: editor.actor } }),
        context.clock(),
      );
      return noContent;
    }),
    ...['checkin', 'discardCheckout'].map((name) =>
      action(name, 'Gives a file back', (exchange) => {
        const { drive, record, editor } = business(exchange);
        checkLock(context, record, editor.actor, exchange);
        if (!record.extras?.checkedOutBy) throw faults.badRequest('The file is not checked out.');
        const { checkedOutBy: _, ...extras } = record.extras;
        drive.commit(changed(record, editor, { extras }), context.clock());
        return noContent;
      }),
    ),
  ];
}
