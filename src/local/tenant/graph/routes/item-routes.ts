import * as z from 'zod';
import type { Exchange } from '../../http/route.ts';
import { checkLock, checkPreconditions, editorFor, noContent } from '../access/guards.ts';
import { decode, findDrive, tokenOf } from '../addressing/find-drive.ts';
import { findItem } from '../addressing/find-item.ts';
import { itemPath } from '../addressing/item-paths.ts';
import type { Drive } from '../drives/drive.ts';
import { changed, checkName, checkPath, newItem, settleName } from '../drives/edit-item.ts';
import type { ItemRecord } from '../drives/item-record.ts';
import { removeItem } from '../drives/remove-item.ts';
import { faults } from '../errors.ts';
import type { GraphContext } from '../graph-context.ts';
import { expansions } from '../render/expansions.ts';
import { contextUrl, itemAnswer, viewFor, withContext } from '../render/item-answer.ts';
import { createItemWriter } from '../render/render-item.ts';
import { eTagOf } from '../render/tags.ts';
import { body, conflictBehavior, fileSystemInfo } from '../wire/bodies.ts';
import { type GraphRoute, graphRoute } from '../wire/graph-route.ts';
import { queryOptions } from '../wire/query-options.ts';
import { odata } from '../wire/reply.ts';

const newFolder = z.looseObject({
  name: z.string(),
  folder: z.looseObject({}).optional(),
  '@microsoft.graph.conflictBehavior': conflictBehavior.default('fail'),
});

const itemChange = z.looseObject({
  name: z.string().optional(),
  description: z.string().optional(),
  parentReference: z
    .looseObject({ id: z.string().optional(), driveId: z.string().optional(), path: z.string().optional() })
    .optional(),
  fileSystemInfo: fileSystemInfo.optional(),
  '@microsoft.graph.conflictBehavior': conflictBehavior.optional(),
});

const restoration = itemChange.pick({ name: true, parentReference: true });

/** One item: read, create a folder below it, change, move, delete. */
export function itemRoutes(context: GraphContext): GraphRoute[] {
  return [
    graphRoute({
      method: 'GET',
      path: itemPath(),
      display: '/{drive}/{item}',
      summary: 'One item, by id, by path, by path below an item, or a special folder',
      contract: '2.2, 2.3',
      units: (exchange) => (/permissions/i.test(queryOptions(exchange).expand.join()) ? 5 : 1),
      handle: (exchange) => readItem(context, exchange),
    }),
    graphRoute({
      method: 'GET',
      path: itemPath('/thumbnails'),
      display: '/{drive}/{item}/thumbnails',
      summary: 'Pictures of an item: none',
      contract: '2.4',
      omitted: 'thumbnails',
      units: 2,
      handle(exchange) {
        findItem(context, exchange, 'read');
        return odata(200, { '@odata.context': contextUrl(exchange, 'Collection(thumbnailSet)'), value: [] });
      },
    }),
    graphRoute({
      method: 'POST',
      path: itemPath('/children'),
      display: '/{drive}/{item}/children',
      summary: 'Creates a folder',
      contract: '4.3',
      strict: 'names, conflict behaviours, permissions',
      units: 2,
      handle: (exchange) => createFolder(context, exchange),
    }),
    graphRoute({
      method: 'PATCH',
      path: itemPath(),
      display: '/{drive}/{item}',
      summary: 'Renames, moves, or changes the properties of an item',
      contract: '4.5',
      strict: 'If-Match, locks, names, cycles, no move to another drive',
      units: 2,
      handle: (exchange) => changeItem(context, exchange),
    }),
    graphRoute({
      method: 'DELETE',
      path: itemPath(),
      display: '/{drive}/{item}',
      summary: 'Puts an item into the recycle bin',
      contract: '4.6',
      strict: 'If-Match, locks',
      units: 2,
      handle(exchange) {
        const { drive, record, token } = findItem(context, exchange, 'write');
        const editor = editorFor(context, token);
        if (record.parentId === undefined) throw faults.denied('The root of a drive can not be deleted.');
        checkPreconditions(drive, record, exchange);
        checkLock(context, record, editor.actor, exchange);
        removeItem(drive, record, context.clock(), context.switches.deletedDescendants);
        return noContent;
      },
    }),
    graphRoute({
      method: 'POST',
      path: itemPath('/(?:microsoft\\.graph\\.)?restore'),
      display: '/{drive}/{item}/restore',
      summary: 'Takes an item out of the recycle bin',
      contract: '4.6',
      strict: 'personal drives; on business drives by a switch',
      units: 2,
      handle: (exchange) => restoreItem(context, exchange),
    }),
    graphRoute({
      method: 'POST',
      path: itemPath('/permanentDelete'),
      display: '/{drive}/{item}/permanentDelete',
      summary: 'Deletes an item for good',
      contract: '4.6',
      strict: 'business drives only',
      units: 2,
      handle(exchange) {
        const { drive, record, token } = findItem(context, exchange, 'write');
        if (drive.type === 'personal') throw faults.notSupported('Operation not supported', 400);
        if (record.parentId === undefined) throw faults.denied('The root of a drive can not be deleted.');
        checkLock(context, record, editorFor(context, token).actor, exchange);
        removeItem(drive, record, context.clock(), context.switches.deletedDescendants);
        return noContent;
      },
    }),
  ];
}

function readItem(context: GraphContext, exchange: Exchange) {
  const { drive, record } = findItem(context, exchange, 'read');
  if (exchange.headers['if-none-match'] === eTagOf(drive, record)) return { status: 304 };
  const { select, expand } = queryOptions(exchange);
  const view = viewFor(context, exchange, drive, 'item');
  const more = expansions(context, view, record, expand);
  const json = createItemWriter(view, select)(record, more);
  return odata(200, withContext(exchange, `drives('${drive.id}')/items/$entity`, json));
}

function restoreItem(context: GraphContext, exchange: Exchange) {
  const token = tokenOf(exchange);
  const drive = findDrive(context, exchange);
  context.rights.requireItem(token, drive, drive.root(), 'write');
  const record = drive.items.any(decode(exchange.params.item ?? ''));
  const refused = drive.type !== 'personal' && context.switches.restoreOnBusiness === 'refuse';
  if (refused || record?.deletedAt === undefined) throw faults.notFound();
  const wanted = exchange.body.length === 0 ? {} : body(exchange, restoration);
  const parentId = wanted.parentReference ? destination(drive, wanted.parentReference) : record.parentId;
  const parent = parentId === undefined ? undefined : drive.items.live(parentId);
  if (!parent) throw faults.notFound('The folder that held the item is gone.');
  const editor = editorFor(context, token);
  const { name } = settleName(drive, parent, wanted.name ?? record.name, 'fail');
  const { deletedAt: _, ...kept } = record;
  drive.commit(changed(kept, editor, { name, parentId: parent.id }), context.clock());
  return itemAnswer(context, exchange, drive, drive.items.live(record.id) ?? kept);
}

function createFolder(context: GraphContext, exchange: Exchange) {
  const { drive, record: parent, token } = findItem(context, exchange, 'write');
  const wanted = body(exchange, newFolder);
  const editor = editorFor(context, token);
  if (parent.kind !== 'folder') throw faults.badRequest('The parent is not a folder.');
  if (!wanted.folder) throw faults.badRequest('Only folders can be created this way; upload files instead.');
  checkName(drive, wanted.name, true, editor);
  checkPath(drive, parent, wanted.name);
  const settled = settleName(drive, parent, wanted.name, wanted['@microsoft.graph.conflictBehavior']);
  if (settled.taken) {
    if (settled.taken.kind !== 'folder') throw faults.nameTaken();
    return itemAnswer(context, exchange, drive, settled.taken, 200);
  }
  const made = newItem(drive, parent, settled.name, editor);
  drive.commit(made, context.clock());
  return itemAnswer(context, exchange, drive, made, 201);
}

function changeItem(context: GraphContext, exchange: Exchange) {
  const { drive, record, token } = findItem(context, exchange, 'write');
  const wanted = body(exchange, itemChange);
  const editor = editorFor(context, token);
  checkPreconditions(drive, record, exchange);
  checkLock(context, record, editor.actor, exchange);
  if (wanted.description !== undefined && drive.type !== 'personal') {
    throw faults.badRequest('The property description can not be updated.', 'propertyNotUpdateable');
  }
  const parentId = wanted.parentReference ? destination(drive, wanted.parentReference) : record.parentId;
  const moves = parentId !== record.parentId || (wanted.name !== undefined && wanted.name !== record.name);
  if (moves && record.parentId === undefined)
    throw faults.badRequest('The root can not be moved or renamed.');
  const parent = parentId === undefined ? undefined : drive.items.live(parentId);
  if (moves && parent?.kind !== 'folder') throw faults.notFound('The destination folder could not be found.');
  let name = wanted.name ?? record.name;
  if (moves && parent) {
    context.rights.requireItem(token, drive, parent, 'write');
    checkName(drive, name, record.kind === 'folder', editor);
    checkPath(drive, parent, name);
    if ([parent.id, ...drive.ancestors(parent)].includes(record.id)) {
      throw faults.badRequest('A folder can not be moved into itself or below itself.');
    }
    const there = drive.items.named(parent.id, name);
    if (there && there.id !== record.id) {
      const settled = settleName(drive, parent, name, wanted['@microsoft.graph.conflictBehavior'] ?? 'fail');
      name = settled.name;
      if (settled.taken)
        removeItem(drive, settled.taken, context.clock(), context.switches.deletedDescendants);
    }
  }
  const times = wanted.fileSystemInfo;
  const next: ItemRecord = changed(record, editor, {
    name,
    parentId,
    clientModified: times?.lastModifiedDateTime ?? record.clientModified,
    clientCreated: times?.createdDateTime ?? record.clientCreated,
    ...(wanted.description === undefined
      ? {}
      : { extras: { ...record.extras, description: wanted.description } }),
  });
  drive.commit(next, context.clock());
  return itemAnswer(context, exchange, drive, next);
}

function destination(
  drive: Drive,
  reference: { id?: string | undefined; driveId?: string | undefined; path?: string | undefined },
): string {
  if (reference.driveId !== undefined && reference.driveId !== drive.id) {
    throw faults.badRequest(
      'Moving an item to another drive is not supported; copy it and delete the original.',
    );
  }
  if (reference.id === 'root') throw faults.badRequest('Give the id of the root folder, not the word root.');
  if (reference.id !== undefined) return reference.id;
  const [where = '', path] = (reference.path ?? '').split('root:');
  if (path === undefined || !['/drive/', `/drives/${drive.id}/`].includes(where)) {
    throw faults.badRequest('parentReference needs the id or the path of a folder.');
  }
  let folder: ItemRecord | undefined = drive.root();
  for (const name of path.split('/').filter(Boolean)) {
    folder = folder && drive.items.named(folder.id, decode(name));
  }
  if (!folder) throw faults.notFound('The destination folder could not be found.');
  return folder.id;
}
