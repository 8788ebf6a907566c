import * as z from 'zod';
import type { Exchange } from '../../http/route.ts';
import { noContent } from '../access/guards.ts';
import { holdsAny } from '../access/permission-names.ts';
import type { SiteGrant } from '../access/site-grants.ts';
import { findSite, tokenOf } from '../addressing/find-drive.ts';
import { sitePath } from '../addressing/item-paths.ts';
import { faults } from '../errors.ts';
import type { GraphContext } from '../graph-context.ts';
import { contextUrl } from '../render/item-answer.ts';
import { body } from '../wire/bodies.ts';
import { type GraphRoute, graphRoute } from '../wire/graph-route.ts';
import { odata } from '../wire/reply.ts';

const roles = z.array(z.enum(['read', 'write', 'owner', 'fullcontrol'])).min(1);
const application = z.looseObject({ id: z.string(), displayName: z.string().optional() });
const grantee = z.looseObject({ application });
const grant = z.looseObject({
  roles,
  grantedTo: grantee.optional(),
  grantedToIdentities: z.array(grantee).optional(),
  grantedToIdentitiesV2: z.array(grantee).optional(),
});

/** What an app may do at one site (Sites.Selected). */
export function sitePermissionRoutes(context: GraphContext): GraphRoute[] {
  const siteOf = (exchange: Exchange) => {
    const token = tokenOf(exchange);
    if (!holdsAny(token, ['Sites.FullControl.All'])) throw faults.denied();
    return findSite(context, token, exchange.params);
  };
  const one = (exchange: Exchange): SiteGrant => {
    const found = context.siteGrants.find(siteOf(exchange).id, exchange.params.permission ?? '');
    if (!found) throw faults.notFound();
    return found;
  };
  const json = ({ id, appId, displayName, roles: held }: SiteGrant) => {
    const identities = [{ application: { id: appId, displayName } }];
    return { id, roles: held, grantedToIdentitiesV2: identities, grantedToIdentities: identities };
  };
  const route = (
    method: string,
    below: string,
    display: string,
    summary: string,
    handle: GraphRoute['handle'],
  ) =>
    graphRoute({
      method,
      path: sitePath(`/permissions${below}`),
      display: `/sites/{site}/permissions${display}`,
      summary,
      contract: '9.1',
      strict: 'Sites.FullControl.All',
      units: 5,
      handle,
    });
  const single = '/(?<permission>[^/]+)';
  return [
    route('GET', '', '', 'Which apps were granted a site', (exchange) =>
      odata(200, {
        '@odata.context': contextUrl(exchange, 'Collection(permission)'),
        value: context.siteGrants.list(siteOf(exchange).id).map(json),
      }),
    ),
    route('POST', '', '', 'Grants a site to an app', (exchange) => {
      const site = siteOf(exchange);
      const wanted = body(exchange, grant);
      const [to] = wanted.grantedTo
        ? [wanted.grantedTo]
        : (wanted.grantedToIdentitiesV2 ?? wanted.grantedToIdentities ?? []);
      if (!to) throw faults.badRequest('grantedTo names no application.');
      const { id: appId, displayName = 'Application' } = to.application;
      const id = Buffer.from(`i:0i.t|ms.sp.ext|${appId}`).toString('base64url');
      context.siteGrants.remove(id);
      const made = { id, siteId: site.id, appId, displayName, roles: wanted.roles };
      context.siteGrants.add(made);
      context.onChange();
      return odata(201, json(made));
    }),
    route('GET', single, '/{id}', 'One such grant', (exchange) => odata(200, json(one(exchange)))),
    route('PATCH', single, '/{id}', 'Other roles', (exchange) => {
      const found = one(exchange);
      found.roles = body(exchange, z.looseObject({ roles })).roles;
      context.onChange();
      return odata(200, json(found));
    }),
    route('DELETE', single, '/{id}', 'Takes the grant away', (exchange) => {
      context.siteGrants.remove(one(exchange).id);
      context.onChange();
      return noContent;
    }),
  ];
}
