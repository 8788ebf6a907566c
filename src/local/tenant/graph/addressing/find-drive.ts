import type { Site, User } from '../../directory/types.ts';
import type { Exchange, VerifiedToken } from '../../http/route.ts';
import { HttpFault } from '../../http/route.ts';
import type { Drive } from '../drives/drive.ts';
import { faults } from '../errors.ts';
import type { GraphContext } from '../graph-context.ts';

/** The token of a graph exchange; the listener verified it. */
export function tokenOf(exchange: Exchange): VerifiedToken {
  if (!exchange.token) throw new HttpFault(401, 'InvalidAuthenticationToken', 'Access token is empty.');
  return exchange.token;
}

/** The signed-in person; an app-only token has none. */
export function requireMe(context: GraphContext, token: VerifiedToken): User {
  if (token.kind === 'app') {
    throw new HttpFault(400, 'BadRequest', '/me request is only valid with delegated authentication flow.');
  }
  const user = context.directory.user(token.tenantId, token.oid);
  if (!user) throw faults.directoryNotFound(token.oid);
  return user;
}

/** A person of the token's tenant by object id or UPN. */
export function requireUser(context: GraphContext, token: VerifiedToken, key: string): User {
  const user = context.directory.user(token.tenantId, key);
  if (!user) throw faults.directoryNotFound(key);
  return user;
}

/** The id of a tenant's root site, whose address is the host alone. */
export function rootSiteId(context: GraphContext, token: VerifiedToken): string {
  const host = context.directory.tenant(token.tenantId)?.sharePointHost ?? '';
  return `${host},${context.seeded.guid(`collection ${host}`)},${context.seeded.guid(`web ${host}`)}`;
}

/** True when a path names the root site: `root`, its id, its host, or its host and `/`. */
export function isRootSite(
  context: GraphContext,
  token: VerifiedToken,
  { site, siteHost, sitePath }: Readonly<Record<string, string>>,
): boolean {
  const id = rootSiteId(context, token);
  const [host = ''] = id.split(',');
  if (siteHost !== undefined) return siteHost.toLowerCase() === host && (sitePath ?? '') === '';
  return ['root', host, id].includes(decode(site ?? '').toLowerCase());
}

/** A site by composite id, by host (the root site) or by host and server-relative path. */
export function findSite(
  context: GraphContext,
  token: VerifiedToken,
  params: Readonly<Record<string, string>>,
): Site {
  const sites = context.directory.data.sites.filter((site) => site.tenantId === token.tenantId);
  const { siteHost, sitePath } = params;
  const found =
    siteHost === undefined
      ? sites.find((site) => matchesId(site, decode(params.site ?? '')))
      : sites.find(
          (site) => new URL(site.webUrl).host === siteHost.toLowerCase() && matchesPath(site, sitePath ?? ''),
        );
  if (!found) throw faults.notFound('Requested site could not be found');
  return found;
}

/** The drive that a path of item-paths.ts names; 404 when the token's tenant doesn't have it. */
export function findDrive(context: GraphContext, exchange: Exchange): Drive {
  const token = tokenOf(exchange);
  const { params } = exchange;
  const drive = pickDrive(context, token, params);
  if (!drive || drive.tenantId !== token.tenantId) throw faults.notFound();
  return drive;
}

function pickDrive(
  context: GraphContext,
  token: VerifiedToken,
  params: Readonly<Record<string, string>>,
): Drive | undefined {
  if (params.me !== undefined) return context.drives.ofUser(requireMe(context, token));
  if (params.drive !== undefined) return context.drives.byId(decode(params.drive));
  if (params.user !== undefined)
    return context.drives.ofUser(requireUser(context, token, decode(params.user)));
  if (params.group !== undefined) {
    const group = decode(params.group).toLowerCase();
    const team = context.directory.data.sites.find(
      (site) =>
        site.tenantId === token.tenantId && groupIdOf(context, site.tenantId, site.displayName) === group,
    );
    if (!team) throw faults.directoryNotFound(group);
    return context.drives.ofSite(team)[0];
  }
  if (params.list !== undefined) {
    const { listSite, listSiteHost, listSitePath } = params;
    const named = { site: listSite, siteHost: listSiteHost, sitePath: listSitePath };
    const site = findSite(context, token, withoutUndefined(named));
    const list = decode(params.list).toLowerCase();
    return context.drives
      .ofSite(site)
      .find((drive) => [drive.listId, drive.name.toLowerCase()].includes(list));
  }
  return context.drives.ofSite(findSite(context, token, params))[0];
}

/** Groups follow from the departments; a site of the same name belongs to the group. */
export function groupIdOf(context: Pick<GraphContext, 'seeded'>, tenantId: string, name: string): string {
  return context.seeded.guid(`group ${tenantId} ${name}`);
}

/** Decodes a path segment; a malformed escape is the client's mistake. */
export function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw faults.badRequest('The request URL has a malformed percent escape.', 'invalidPath');
  }
}

function matchesId(site: Site, key: string): boolean {
  const [host, collection] = site.id.split(',');
  return [site.id, collection].some((id) => id?.toLowerCase() === key.toLowerCase()) && host !== undefined;
}

function matchesPath(site: Site, path: string): boolean {
  return site.path.toLowerCase() === `/${decode(path)}`.toLowerCase().replace(/\/$/, '');
}

function withoutUndefined(values: Record<string, string | undefined>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}
