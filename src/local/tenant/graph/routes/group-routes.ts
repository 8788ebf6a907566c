import type { User } from '../../directory/types.ts';
import type { Exchange } from '../../http/route.ts';
import { HttpFault } from '../../http/route.ts';
import { requireDirectory } from '../access/permission-names.ts';
import { decode, groupIdOf, tokenOf } from '../addressing/find-drive.ts';
import { graphPath } from '../addressing/item-paths.ts';
import { faults } from '../errors.ts';
import type { GraphContext } from '../graph-context.ts';
import { contextUrl } from '../render/item-answer.ts';
import { type GraphRoute, graphRoute } from '../wire/graph-route.ts';
import { queryOptions } from '../wire/query-options.ts';
import { odata } from '../wire/reply.ts';
import { nextLink, readPlace } from './children-routes.ts';

const READ_GROUPS = ['GroupMember.Read.All', 'Group.Read.All', 'Directory.Read.All'];

interface Group {
  readonly id: string;
  readonly displayName: string;
  readonly unified: boolean;
  readonly members: readonly User[];
  readonly deleted?: string;
}

/** Groups follow from the departments: those that have a site are Microsoft 365 groups, the others security groups. */
export function groupRoutes(context: GraphContext): GraphRoute[] {
  const { directory } = context;

  function groupsOf(exchange: Exchange): Group[] {
    const { tenantId } = tokenOf(exchange);
    const users = directory.users(tenantId);
    const sites = directory.data.sites.filter((site) => site.tenantId === tenantId);
    const names = [...new Set(users.map(({ department }) => department).filter(Boolean))].sort();
    return names.map((displayName) => {
      const site = sites.find((each) => each.displayName === displayName);
      return {
        id: groupIdOf(context, tenantId, displayName),
        displayName,
        unified: site !== undefined,
        members: users.filter(({ department }) => department === displayName),
      };
    });
  }

  const deletedOf = (exchange: Exchange): Group[] => [
    {
      id: context.seeded.guid(`deleted group ${tokenOf(exchange).tenantId}`),
      displayName: 'Office move',
      unified: true,
      members: [],
      deleted: new Date(Math.floor(context.clock() / 86_400_000 - 3) * 86_400_000).toISOString(),
    },
  ];

  function groupOf(exchange: Exchange): Group {
    requireDirectory(tokenOf(exchange), READ_GROUPS);
    const id = decode(exchange.params.group ?? '').toLowerCase();
    const found = groupsOf(exchange).find((group) => group.id === id);
    if (!found) throw faults.directoryNotFound(id);
    return found;
  }

  function list(exchange: Exchange, what: string, all: readonly Record<string, unknown>[]) {
    const { top, skipToken } = queryOptions(exchange);
    const from = skipToken === undefined ? 0 : readPlace(skipToken);
    const size = Math.min(999, Math.max(1, top ?? 100));
    return odata(200, {
      '@odata.context': contextUrl(exchange, what),
      ...(from + size < all.length ? { '@odata.nextLink': nextLink(exchange, from + size) } : {}),
      value: all.slice(from, from + size),
    });
  }

  const get = (path: string, summary: string, handle: GraphRoute['handle'], display = path) =>
    graphRoute({
      method: 'GET',
      path: graphPath(path.replace('{group}', '(?<group>[^/]+)').replaceAll('$', '\\$')),
      display,
      summary,
      contract: '8',
      handle,
    });
  const people = (exchange: Exchange) =>
    list(exchange, 'directoryObjects', groupOf(exchange).members.map(memberJson));

  return [
    get('/groups', 'Groups', (exchange) => {
      requireDirectory(tokenOf(exchange), READ_GROUPS);
      const owners = queryOptions(exchange).expand.some((name) => name.startsWith('owners'));
      const shown = groupsOf(exchange).map((group) => ({
        ...groupJson(group),
        ...(owners ? { owners: group.members.slice(0, 1).map(({ id }) => ({ id })) } : {}),
      }));
      return list(exchange, 'groups', shown);
    }),
    get('/groups/{group}/transitiveMembers', 'Members of a group, also of groups in it', people),
    get('/groups/{group}/transitiveMembers/$count', 'How many members a group has', (exchange) => {
      if (!/^eventual$/i.test(exchange.headers.consistencylevel ?? '')) {
        throw new HttpFault(400, 'Request_BadRequest', '$count is not currently supported.');
      }
      const body = String(groupOf(exchange).members.length);
      return { status: 200, headers: { 'content-type': 'text/plain' }, body };
    }),
    get('/directory/deletedItems/microsoft.graph.group', 'Groups that can be restored', (exchange) => {
      requireDirectory(tokenOf(exchange), READ_GROUPS);
      return list(exchange, 'directoryObjects', deletedOf(exchange).map(groupJson));
    }),
  ];
}

function groupJson({ id, displayName, unified, deleted }: Group): Record<string, unknown> {
  const nickname = displayName.toLowerCase().replace(/\W/g, '');
  return {
    id,
    deletedDateTime: deleted ?? null,
    displayName,
    groupTypes: unified ? ['Unified'] : [],
    mail: unified ? `${nickname}@contoso.example` : null,
    mailEnabled: unified,
    securityEnabled: !unified,
  };
}

function memberJson({ id, displayName, mail, upn }: User): Record<string, unknown> {
  return { '@odata.type': '#microsoft.graph.user', id, displayName, mail, userPrincipalName: upn };
}
