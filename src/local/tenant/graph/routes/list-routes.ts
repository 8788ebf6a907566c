import * as z from 'zod';
import type { Exchange } from '../../http/route.ts';
import { checkLock, editorFor } from '../access/guards.ts';
import { holdsAny, SITES_READ, type Want } from '../access/permission-names.ts';
import { decode, findSite, tokenOf } from '../addressing/find-drive.ts';
import { type FoundItem, findItem } from '../addressing/find-item.ts';
import { itemPath, keyed, sitePath } from '../addressing/item-paths.ts';
import { changed } from '../drives/edit-item.ts';
import { descendants } from '../drives/remove-item.ts';
import { faults } from '../errors.ts';
import type { GraphContext } from '../graph-context.ts';
import { contextUrl } from '../render/item-answer.ts';
import { fieldsOf, listItemId, listItemOf } from '../render/list-item.ts';
import { body } from '../wire/bodies.ts';
import { type GraphRoute, graphRoute } from '../wire/graph-route.ts';
import { queryOptions } from '../wire/query-options.ts';
import { odata } from '../wire/reply.ts';
import { nextLink, readPlace } from './children-routes.ts';

const COLUMNS: readonly (readonly [string, string, boolean])[] = [
  ['FileLeafRef', 'Name', false],
  ['Title', 'Title', false],
  ['ContentType', 'Content Type', false],
  ['Modified', 'Modified', true],
  ['FileSizeDisplay', 'File Size', true],
];

/** Libraries as lists: their columns, and those of one file. */
export function listRoutes(context: GraphContext): GraphRoute[] {
  const libraries = (exchange: Exchange) => {
    const token = tokenOf(exchange);
    if (!holdsAny(token, [...SITES_READ, 'Sites.Selected'])) throw faults.denied();
    return context.drives
      .ofSite(findSite(context, token, exchange.params))
      .filter((drive) => context.rights.onDrive(token, drive, 'read'));
  };
  const libraryOf = (exchange: Exchange) => {
    const key = decode(exchange.params.list ?? '').toLowerCase();
    const found = libraries(exchange).find((drive) => [drive.listId, drive.name.toLowerCase()].includes(key));
    if (found) return found;
    throw faults.notFound('The specified list was not found');
  };
  const listJson = (drive: ReturnType<typeof libraryOf>) => ({
    id: drive.listId,
    name: drive.name,
    displayName: drive.name,
    webUrl: drive.webUrl,
    createdDateTime: `${new Date(drive.createdAt).toISOString().slice(0, 19)}Z`,
    list: { template: 'documentLibrary', hidden: false, contentTypesEnabled: false },
  });
  const rowOf = (exchange: Exchange, want: Want): FoundItem => {
    const token = tokenOf(exchange);
    const drive = libraryOf(exchange);
    for (const record of descendants(drive, drive.root())) {
      if (listItemId(record) !== exchange.params.row) continue;
      context.rights.requireItem(token, drive, record, want);
      return { drive, record, token };
    }
    throw faults.notFound('The specified item was not found');
  };
  const setFields = (exchange: Exchange, { drive, record, token }: FoundItem) => {
    const wanted = body(exchange, z.record(z.string(), z.unknown()));
    const locked = ['id', 'FileLeafRef', 'LinkFilename', 'ContentType'].find((name) => name in wanted);
    if (locked) throw faults.badRequest(`Field '${locked}' is read-only.`);
    const editor = editorFor(context, token);
    checkLock(context, record, editor.actor, exchange);
    const fields = { ...record.extras?.fields, ...wanted };
    const next = changed(record, editor, { extras: { ...record.extras, fields } });
    drive.commit(next, context.clock());
    return odata(200, { ...fieldsOf(drive, next), id: listItemId(next) });
  };
  const list = keyed('lists', 'list');

  return [
    graphRoute({
      method: 'GET',
      path: sitePath('/lists'),
      display: '/sites/{site}/lists',
      summary: 'The lists of a site',
      contract: '2.1',
      omitted: 'lists that are no libraries',
      units: 2,
      handle: (exchange) =>
        odata(200, {
          '@odata.context': contextUrl(exchange, 'lists'),
          value: libraries(exchange).map(listJson),
        }),
    }),
    graphRoute({
      method: 'GET',
      path: sitePath(list),
      display: '/sites/{site}/lists/{list}',
      summary: 'One list',
      contract: '2.1',
      units: 1,
      handle: (exchange) =>
        odata(200, {
          '@odata.context': contextUrl(exchange, 'lists/$entity'),
          ...listJson(libraryOf(exchange)),
        }),
    }),
    graphRoute({
      method: 'GET',
      path: sitePath(`${list}/items`),
      display: '/sites/{site}/lists/{list}/items',
      summary: 'The items of a list, with their columns when expanded',
      contract: '2.1',
      units: 2,
      handle(exchange) {
        const drive = libraryOf(exchange);
        const { top = 200, expand, skipToken } = queryOptions(exchange);
        const from = skipToken === undefined ? 0 : readPlace(skipToken);
        const size = Math.min(1000, Math.max(1, top));
        const withFields = expand.some((entry) => /^fields/i.test(entry));
        const all = [...descendants(drive, drive.root())];
        const value = all.slice(from, from + size).map((record) => {
          const { fields, ...rest } = listItemOf(context, drive, record) as { fields: unknown };
          return withFields ? { ...rest, fields } : rest;
        });
        const more = from + size < all.length ? { '@odata.nextLink': nextLink(exchange, from + size) } : {};
        return odata(200, { '@odata.context': contextUrl(exchange, 'Collection(listItem)'), ...more, value });
      },
    }),
    graphRoute({
      method: 'GET',
      path: sitePath(`${list}/items/(?<row>\\d+)(?<fields>/fields)?`),
      display: '/sites/{site}/lists/{list}/items/{id}/fields',
      summary: 'One item of a list, and its columns',
      contract: '2.1',
      units: 1,
      handle(exchange) {
        const { drive, record } = rowOf(exchange, 'read');
        const { fields, ...row } = listItemOf(context, drive, record) as { fields: unknown };
        if (exchange.params.fields) return odata(200, fieldsOf(drive, record));
        const withFields = queryOptions(exchange).expand.some((entry) => /^fields/i.test(entry));
        return odata(200, withFields ? { ...row, fields } : row);
      },
    }),
    graphRoute({
      method: 'PATCH',
      path: sitePath(`${list}/items/(?<row>\\d+)/fields`),
      display: '/sites/{site}/lists/{list}/items/{id}/fields',
      summary: 'Sets columns of an item of a list',
      contract: '2.1',
      units: 2,
      handle: (exchange) => setFields(exchange, rowOf(exchange, 'write')),
    }),
    graphRoute({
      method: 'GET',
      path: sitePath(`${list}/columns`),
      display: '/sites/{site}/lists/{list}/columns',
      summary: 'The columns of a list',
      contract: '2.1',
      units: 2,
      handle(exchange) {
        libraryOf(exchange);
        const value = COLUMNS.map(([name, displayName, readOnly]) => ({
          name,
          displayName,
          readOnly,
          text: {},
        }));
        return odata(200, { '@odata.context': contextUrl(exchange, 'columns'), value });
      },
    }),
    graphRoute({
      method: 'GET',
      path: itemPath('/listItem(?<fields>/fields)?'),
      display: '/{drive}/{item}/listItem/fields',
      summary: 'The row behind a file, and its columns',
      contract: '2.1',
      units: 1,
      handle(exchange) {
        const { drive, record } = findItem(context, exchange, 'read');
        if (drive.type === 'personal') throw faults.notSupported('Operation not supported', 400);
        return odata(
          200,
          exchange.params.fields ? fieldsOf(drive, record) : listItemOf(context, drive, record),
        );
      },
    }),
    graphRoute({
      method: 'PATCH',
      path: itemPath('/listItem/fields'),
      display: '/{drive}/{item}/listItem/fields',
      summary: 'Sets columns of a file',
      contract: '2.1',
      units: 2,
      handle(exchange) {
        const found = findItem(context, exchange, 'write');
        if (found.drive.type === 'personal') throw faults.notSupported('Operation not supported', 400);
        return setFields(exchange, found);
      },
    }),
  ];
}
