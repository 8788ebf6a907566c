import * as z from 'zod';
import type { Exchange, Reply, VerifiedToken } from '../../http/route.ts';
import { HttpFault } from '../../http/route.ts';
import { actorOf, noContent } from '../access/guards.ts';
import { coversFiles } from '../access/permission-names.ts';
import { decode, tokenOf } from '../addressing/find-drive.ts';
import { type FoundItem, findItem } from '../addressing/find-item.ts';
import { itemPath } from '../addressing/item-paths.ts';
import type { Drive } from '../drives/drive.ts';
import type { ItemRecord, PermissionRecord } from '../drives/item-record.ts';
import { faults } from '../errors.ts';
import type { GraphContext } from '../graph-context.ts';
import { contextUrl, itemAnswer } from '../render/item-answer.ts';
import { permissionJson, permissionsOfItem } from '../render/permission.ts';
import { body, dateTime } from '../wire/bodies.ts';
import { type GraphRoute, graphRoute } from '../wire/graph-route.ts';
import { odata } from '../wire/reply.ts';

const linkAsk = z.looseObject({
  type: z.enum(['view', 'edit', 'embed', 'blocksDownload', 'review']).default('view'),
  scope: z.enum(['anonymous', 'organization', 'users']).optional(),
  password: z.string().optional(),
  expirationDateTime: dateTime.optional(),
});
const invitation = z.looseObject({
  recipients: z
    .array(
      z.looseObject({
        email: z.string().optional(),
        objectId: z.string().optional(),
        alias: z.string().optional(),
      }),
    )
    .min(1),
  roles: z.array(z.enum(['read', 'write'])).min(1),
  expirationDateTime: dateTime.optional(),
});
const change = z.looseObject({
  roles: z.array(z.string()).min(1).optional(),
  expirationDateTime: dateTime.optional(),
});

const UNKNOWN_RECIPIENT = {
  error: { code: 'invalidRequest', message: 'The recipient could not be found.' },
};

/** Links, invitations and the permissions of an item. */
export function sharingRoutes(context: GraphContext): GraphRoute[] {
  const own = ({ record }: FoundItem) => record.extras?.permissions ?? [];

  function keep({ drive, record }: FoundItem, permissions: readonly PermissionRecord[]): void {
    const next = { ...record, revision: record.revision + 1, extras: { ...record.extras, permissions } };
    drive.commit(next, context.clock(), true);
  }

  function createLink(exchange: Exchange): Reply {
    const found = findItem(context, exchange, 'write');
    const { drive, record, token } = found;
    const given = body(exchange, linkAsk);
    const personal = drive.type === 'personal';
    const ask = { ...given, scope: given.scope ?? (personal ? 'anonymous' : 'organization') } as const;
    if (personal && ask.scope === 'organization')
      throw faults.badRequest('A personal drive has no organization.');
    if (ask.type === 'embed' && drive.type !== 'personal') {
      throw faults.badRequest('Embedding links are for personal drives only.');
    }
    const roles = ask.type === 'edit' ? ['write'] : ['read'];
    const same = own(found).find(
      (one) => one.link?.type === ask.type && one.link.scope === ask.scope && !one.hasPassword,
    );
    if (same && ask.password === undefined) return odata(200, permissionJson(context, drive, same));
    const host = new URL(drive.webUrl).host;
    const secret = context.newGuid().replaceAll('-', '');
    const made: PermissionRecord = {
      id: context.newGuid(),
      roles,
      link: {
        type: ask.type,
        scope: ask.scope,
        webUrl: `https://${host}/:${record.kind === 'folder' ? 'f' : 'u'}:/g/${secret}`,
        token: secret,
        preventsDownload: ask.type === 'blocksDownload',
      },
      granted: context.clock(),
      grantedBy: actorOf(token),
      ...(ask.expirationDateTime === undefined ? {} : { expires: ask.expirationDateTime }),
      ...(ask.password === undefined ? {} : { hasPassword: true }),
    };
    keep(found, [...own(found), made]);
    return odata(201, permissionJson(context, drive, made));
  }

  function invite(exchange: Exchange): Reply {
    const found = findItem(context, exchange, 'write');
    const ask = body(exchange, invitation);
    if (found.drive.type === 'personal' && found.record.parentId === undefined)
      throw faults.badRequest('The root of a personal drive can not be shared.');
    const made = ask.recipients.map(({ email, objectId, alias }): PermissionRecord | undefined => {
      const user = context.directory.user(found.drive.tenantId, objectId ?? email ?? alias ?? '');
      if (!user && !email) return undefined;
      return {
        id: context.newGuid(),
        roles: ask.roles,
        ...(user ? { userId: user.id } : { email: email ?? '' }),
        granted: context.clock(),
        grantedBy: actorOf(found.token),
        ...(ask.expirationDateTime === undefined ? {} : { expires: ask.expirationDateTime }),
      };
    });
    const known = made.filter((one) => one !== undefined);
    if (known.length === 0) throw faults.badRequest('None of the recipients is known.');
    keep(found, [...own(found), ...known]);
    const value = made.map((one) => (one ? permissionJson(context, found.drive, one) : UNKNOWN_RECIPIENT));
    return odata(known.length < made.length ? 207 : 200, {
      '@odata.context': contextUrl(exchange, 'Collection(permission)'),
      value,
    });
  }

  const find = (exchange: Exchange, want: 'read' | 'write') => {
    const found = findItem(context, exchange, want);
    const id = decodeURIComponent(exchange.params.permission ?? '');
    const mine = own(found).find((one) => one.id === id);
    return { found, id, mine };
  };
  const missing = (exchange: Exchange, id: string) => {
    const { drive, record } = findItem(context, exchange, 'read');
    const inherited = permissionsOfItem(context, drive, record).some((one) => 'id' in one && one.id === id);
    return inherited
      ? new HttpFault(403, 'accessDenied', 'An inherited permission is changed where it was given.')
      : faults.notFound();
  };

  const one = '/permissions/(?<permission>[^/]+)';
  return [
    graphRoute({
      method: 'POST',
      path: itemPath('/(?:microsoft\\.graph\\.)?createLink'),
      display: '/{drive}/{item}/createLink',
      summary: 'A sharing link',
      contract: '4.7',
      units: 5,
      handle: createLink,
    }),
    graphRoute({
      method: 'POST',
      path: itemPath('/(?:microsoft\\.graph\\.)?invite'),
      display: '/{drive}/{item}/invite',
      summary: 'Shares with people',
      contract: '4.7',
      units: 5,
      handle: invite,
    }),
    graphRoute({
      method: 'GET',
      path: itemPath('/permissions'),
      display: '/{drive}/{item}/permissions',
      summary: 'Who may do what, inherited permissions included',
      contract: '4.7',
      units: 5,
      handle(exchange) {
        const { drive, record } = findItem(context, exchange, 'read');
        const value = permissionsOfItem(context, drive, record);
        return odata(200, { '@odata.context': contextUrl(exchange, 'Collection(permission)'), value });
      },
    }),
    graphRoute({
      method: 'GET',
      path: itemPath(one),
      display: '/{drive}/{item}/permissions/{id}',
      summary: 'One permission',
      contract: '4.7',
      units: 5,
      handle(exchange) {
        const { found, id, mine } = find(exchange, 'read');
        if (!mine) throw missing(exchange, id);
        return odata(200, permissionJson(context, found.drive, mine));
      },
    }),
    graphRoute({
      method: 'PATCH',
      path: itemPath(one),
      display: '/{drive}/{item}/permissions/{id}',
      summary: 'Other roles, another end',
      contract: '4.7',
      units: 5,
      handle(exchange) {
        const { found, id, mine } = find(exchange, 'write');
        if (!mine) throw missing(exchange, id);
        const ask = body(exchange, change);
        const next = {
          ...mine,
          roles: ask.roles ?? mine.roles,
          ...(ask.expirationDateTime === undefined ? {} : { expires: ask.expirationDateTime }),
        };
        keep(
          found,
          own(found).map((each) => (each.id === id ? next : each)),
        );
        return odata(200, permissionJson(context, found.drive, next));
      },
    }),
    graphRoute({
      method: 'DELETE',
      path: itemPath(one),
      display: '/{drive}/{item}/permissions/{id}',
      summary: 'Ends a permission; an inherited one is refused',
      contract: '4.7',
      units: 5,
      handle(exchange) {
        const { found, id, mine } = find(exchange, 'write');
        if (!mine) throw missing(exchange, id);
        keep(
          found,
          own(found).filter((each) => each.id !== id),
        );
        return noContent;
      },
    }),
    graphRoute({
      method: 'GET',
      path: /^\/v1\.0\/shares\/(?<share>[^/]+)(?<rest>\/driveItem|\/root)?\/?$/i,
      display: '/shares/{token}/driveItem',
      summary: 'The item behind a sharing address',
      contract: '2.1',
      strict: 'links that live, or the address of an item that the token may read',
      units: 1,
      handle(exchange) {
        const share = decodeURIComponent(exchange.params.share ?? '');
        const webUrl = share.startsWith('u!') ? Buffer.from(share.slice(2), 'base64url').toString() : '';
        const shared = findShared(context, tokenOf(exchange), webUrl);
        if (!shared) {
          throw faults.notFound(
            'The sharing link no longer exists, or you do not have permission to access it.',
          );
        }
        const { drive, record } = shared;
        if (exchange.params.rest) return itemAnswer(context, exchange, drive, record);
        return odata(200, { id: share, name: record.name, webUrl });
      },
    }),
  ];
}

/** The item behind a link, or behind its own webUrl for those who may read it. */
function findShared(
  context: GraphContext,
  token: VerifiedToken,
  webUrl: string,
): { drive: Drive; record: ItemRecord } | undefined {
  const now = context.clock();
  for (const drive of context.drives.all()) {
    if (drive.tenantId !== token.tenantId) continue;
    for (const record of drive.items.own()) {
      const link = record.extras?.permissions?.find((each) => each.link?.webUrl === webUrl);
      if (link === undefined || !drive.items.live(record.id)) continue;
      if (link.expires !== undefined && link.expires <= now) return undefined;
      // Whoever follows a link needs a permission for files all the same.
      return coversFiles(token, 'read', true) ? { drive, record } : undefined;
    }
    const record = byAddress(drive, webUrl);
    if (record && context.rights.onItem(token, drive, record, 'read')) return { drive, record };
  }
  return undefined;
}

function byAddress(drive: Drive, webUrl: string): ItemRecord | undefined {
  const { pathname = '' } = URL.parse(webUrl) ?? {};
  if (!webUrl.startsWith(`${drive.webUrl}/`)) return undefined;
  const root = new URL(drive.webUrl).pathname;
  let record: ItemRecord | undefined = drive.root();
  for (const name of pathname.slice(root.length).split('/').filter(Boolean)) {
    record = record && drive.items.named(record.id, decode(name));
  }
  return record;
}
