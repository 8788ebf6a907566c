import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Cell } from '../../data/duck.ts';
import { timeOf } from './time-of.ts';

const identity = z.object({
  id: z.string().nullish(),
  displayName: z.string().nullish(),
  email: z.string().nullish(),
  loginName: z.string().nullish(),
});
type Identity = z.infer<typeof identity>;

const identities = z.object({
  user: identity.nullish(),
  group: identity.nullish(),
  application: identity.nullish(),
  siteUser: identity.nullish(),
  siteGroup: identity.nullish(),
});
type Identities = z.infer<typeof identities>;

const permission = z.object({
  id: z.string(),
  roles: z.array(z.string()).nullish(),
  link: z
    .object({ type: z.string().nullish(), scope: z.string().nullish(), webUrl: z.string().nullish() })
    .nullish(),
  grantedToV2: identities.nullish(),
  grantedToIdentitiesV2: z.array(identities).nullish(),
  grantedTo: identities.nullish(),
  grantedToIdentities: z.array(identities).nullish(),
  invitation: z.object({ email: z.string().nullish() }).nullish(),
  inheritedFrom: z.object({ id: z.string().nullish(), path: z.string().nullish() }).nullish(),
  expirationDateTime: z.string().nullish(),
  hasPassword: z.boolean().nullish(),
});
type Permission = z.infer<typeof permission>;

/** Kind, object id, name and mail address of who has it. */
type Grantee = readonly [kind: string | null, id: string | null, name: string | null, mail: string | null];

/**
 * The grants that one permission of an item is, without the item: the other columns of the view `permissions` in their order. A link for
 * some people is a grant for each of them.
 */
export function grantsOf(answer: unknown): (readonly Cell[])[] {
  const one = permission.safeParse(answer).data;
  if (!one) return [];
  const { link } = one;
  const from = inheritedFrom(one);
  return granteesOf(one).map((grantee) => [
    one.id,
    roleOf(one.roles ?? []),
    from !== null ? 'inherited' : link ? 'link' : 'direct',
    link?.scope ?? null,
    link?.type ?? null,
    link?.webUrl ? createHash('sha256').update(link.webUrl).digest('hex').slice(0, 16) : null,
    ...grantee,
    timeOf(one.expirationDateTime),
    one.hasPassword ?? null,
    from,
  ]);
}

/** SharePoint's own levels come as `sp.full control`, `SP.View Only` and the like. */
function roleOf(roles: readonly string[]): string {
  const all = roles.map((role) => role.toLowerCase());
  if (all.some((role) => role === 'owner' || role.includes('full control') || role.includes('manage')))
    return 'owner';
  const writes = ['write', 'member', 'edit', 'contribute', 'design'];
  return all.some((role) => writes.some((word) => role.includes(word))) ? 'write' : 'read';
}

function inheritedFrom({ inheritedFrom: from }: Permission): string | null {
  if (!from || (from.id ?? from.path ?? null) === null) return null;
  const path = /root:(\/.*)?$/.exec(from.path ?? '')?.[1];
  return path === undefined || path === '' ? '/' : decoded(path);
}

function granteesOf(one: Permission): readonly Grantee[] {
  const { link } = one;
  if (link?.scope === 'anonymous') return [['anyone', null, null, null]];
  if (link?.scope === 'organization') return [['organization', null, null, null]];
  const many = one.grantedToIdentitiesV2 ?? one.grantedToIdentities ?? [];
  const single = one.grantedToV2 ?? one.grantedTo ?? undefined;
  const sets = link ? many : single ? [single] : many;
  if (sets.length > 0) return sets.map((set) => granteeOf(set, one.invitation?.email));
  const invited = one.invitation?.email;
  return [invited ? ['guest', null, invited, invited] : [null, null, null, null]];
}

function granteeOf(set: Identities, invited: string | null | undefined): Grantee {
  const { user, group, application, siteUser, siteGroup } = set;
  const login = (siteUser?.loginName ?? siteGroup?.loginName ?? '').toLowerCase();
  if (isEverybody(login)) return ['organization', null, nameOf(siteUser, group, user), null];
  if (group) return row('group', group);
  if (user?.id || user?.email) {
    const mail = user.email ?? invited ?? null;
    const guest = isGuest(login) || isGuest((mail ?? '').toLowerCase()) || (!user.id && Boolean(invited));
    return [guest ? 'guest' : 'user', user.id ?? null, user.displayName ?? null, mail];
  }
  if (application) return row('app', application);
  if (siteGroup)
    return ['group', siteGroup.id ? `site-group/${siteGroup.id}` : null, nameOf(siteGroup), null];
  const person = siteUser ?? user;
  if (!person) return [null, null, null, null];
  // Security groups of the directory come as site users whose login names them.
  if (login.startsWith('c:0t.c|')) return ['group', login.split('|').at(-1) ?? null, nameOf(person), null];
  return [
    isGuest(login) ? 'guest' : 'user',
    null,
    nameOf(person),
    person.email ?? login.split('|').at(-1) ?? null,
  ];
}

function row(kind: string, { id, displayName, email }: Identity): Grantee {
  return [kind, id ?? null, displayName ?? null, email ?? null];
}

function nameOf(...some: readonly (Identity | null | undefined)[]): string | null {
  return some.find((one) => one?.displayName)?.displayName ?? null;
}

/** The claims "Everyone" and "Everyone except external users", whatever language names them. */
function isEverybody(login: string): boolean {
  return login.startsWith('c:0(.s|true') || login.includes('spo-grid-all-users');
}

function isGuest(login: string): boolean {
  return login.includes('#ext#') || login.includes('urn:spo:guest') || login.includes('urn%3aspo%3aguest');
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
