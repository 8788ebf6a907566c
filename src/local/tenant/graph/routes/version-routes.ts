import type { Exchange } from '../../http/route.ts';
import { checkLock, editorFor, noContent } from '../access/guards.ts';
import { findItem } from '../addressing/find-item.ts';
import { itemPath } from '../addressing/item-paths.ts';
import { changed, withContent } from '../drives/edit-item.ts';
import type { ItemRecord, VersionRecord } from '../drives/item-record.ts';
import { faults } from '../errors.ts';
import type { GraphContext } from '../graph-context.ts';
import { identityOf } from '../render/identities.ts';
import { contextUrl, downloadUrl } from '../render/item-answer.ts';
import { type GraphRoute, graphRoute } from '../wire/graph-route.ts';
import { odata } from '../wire/reply.ts';

/** All versions, the current one first. */
function versionsOf(record: ItemRecord): Pick<VersionRecord, 'id' | 'modified' | 'modifiedBy' | 'size'>[] {
  const { contentRevision, modified, modifiedBy, size } = record;
  return [{ id: `${contentRevision}.0`, modified, modifiedBy, size }, ...(record.extras?.versions ?? [])];
}

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

  const versionJson = (one: ReturnType<typeof versionsOf>[number]) => ({
    id: one.id,
    lastModifiedDateTime: iso(one.modified),
    lastModifiedBy: identityOf(context.directory, one.modifiedBy),
    size: one.size,
  });
  const oneVersion = { display: '/{drive}/{item}/versions/{id}', contract: '2.6' } as const;

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
        const value = versionsOf(record).map(versionJson);
        return odata(200, { '@odata.context': contextUrl(exchange, 'Collection(driveItemVersion)'), value });
      },
    }),
    graphRoute({
      ...oneVersion,
      method: 'GET',
      path: itemPath('/versions/(?<version>[^/]+)'),
      summary: 'One version',
      units: 1,
      handle(exchange) {
        const { record } = file(exchange, 'read');
        const found = versionsOf(record).find((one) => one.id === exchange.params.version);
        if (!found) throw faults.notFound();
        return odata(200, {
          '@odata.context': contextUrl(exchange, 'driveItemVersion'),
          ...versionJson(found),
        });
      },
    }),
    graphRoute({
      ...oneVersion,
      method: 'DELETE',
      path: itemPath('/versions/(?<version>[^/]+)'),
      summary: 'Deletes a former version',
      strict: 'business drives only; not the current version',
      units: 2,
      handle(exchange) {
        const { drive, record, editor } = business(exchange);
        checkLock(context, record, editor.actor, exchange);
        if (exchange.params.version === `${record.contentRevision}.0`)
          throw faults.badRequest('The current version can not be deleted.');
        const former = record.extras?.versions ?? [];
        const versions = former.filter((one) => one.id !== exchange.params.version);
        if (versions.length === former.length) throw faults.notFound();
        drive.items.put({ ...record, extras: { ...record.extras, versions } });
        context.onChange();
        return noContent;
      },
    }),
    graphRoute({
      method: 'GET',
      path: itemPath('/versions/(?<version>[^/]+)/content'),
      display: '/{drive}/{item}/versions/{id}/content',
      summary: 'Redirects to the bytes of a former version',
      contract: '2.6',
      strict: 'not the current version on business drives',
      units: 1,
      handle(exchange) {
        const { drive, record } = file(exchange, 'read');
        const { version = '' } = exchange.params;
        const current = version === `${record.contentRevision}.0`;
        if (current && drive.type !== 'personal')
          throw faults.badRequest('You cannot get the content of the current version.');
        if (!versionsOf(record).some((one) => one.id === version)) throw faults.notFound();
        const location = downloadUrl(context, exchange, drive, record);
        return { status: 302, headers: { location: `${location}&version=${encodeURIComponent(version)}` } };
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
