import type { Site } from '../../directory/types.ts';
import type { Exchange } from '../../http/route.ts';
import { holdsAny, SITES_READ } from '../access/permission-names.ts';
import { findSite, isRootSite, rootSiteId, tokenOf } from '../addressing/find-drive.ts';
import { graphPath, sitePath } from '../addressing/item-paths.ts';
import { faults } from '../errors.ts';
import type { GraphContext } from '../graph-context.ts';
import { contextUrl } from '../render/item-answer.ts';
import { type GraphRoute, graphRoute } from '../wire/graph-route.ts';
import { queryOptions } from '../wire/query-options.ts';
import { odata } from '../wire/reply.ts';

/** Sites: by id, by path, by search, all of them. */
export function siteRoutes(context: GraphContext): GraphRoute[] {
  const sitesOf = (exchange: Exchange) =>
    context.directory.data.sites.filter((site) => site.tenantId === tokenOf(exchange).tenantId);
  const mayRead = (exchange: Exchange, site: Site) => {
    const token = tokenOf(exchange);
    if (holdsAny(token, SITES_READ)) return true;
    return holdsAny(token, ['Sites.Selected']) && context.siteGrants.rolesOf(site.id, token.appId).length > 0;
  };
  const rootOf = (exchange: Exchange) => {
    const tenant = context.directory.tenant(tokenOf(exchange).tenantId);
    const host = tenant?.sharePointHost ?? '';
    return {
      id: rootSiteId(context, tokenOf(exchange)),
      name: '',
      displayName: `${tenant?.displayName} Team Site`,
      webUrl: `https://${host}`,
      createdDateTime: '2024-01-08T07:00:00Z',
      root: {},
      siteCollection: { hostname: host },
    };
  };
  const requireSites = (exchange: Exchange) => {
    if (!holdsAny(tokenOf(exchange), SITES_READ)) throw faults.denied();
  };

  return [
    graphRoute({
      method: 'GET',
      path: graphPath('/sites/root'),
      display: '/sites/root',
      summary: 'The root site',
      contract: '2.1',
      units: 1,
      handle(exchange) {
        requireSites(exchange);
        return odata(200, { '@odata.context': contextUrl(exchange, 'sites/$entity'), ...rootOf(exchange) });
      },
    }),
    ...['/sites/getAllSites', '/sites/(?:oneDrive\\.|microsoft\\.graph\\.)?getAllSites\\(\\)'].map((path) =>
      graphRoute({
        method: 'GET',
        path: graphPath(path),
        display: '/sites/getAllSites',
        summary: 'All sites, for an app',
        contract: '8',
        strict: 'application permission only',
        units: 2,
        handle(exchange) {
          requireSites(exchange);
          if (tokenOf(exchange).kind !== 'app') throw faults.denied();
          const value = sitesOf(exchange).map(siteJson);
          return odata(200, { '@odata.context': contextUrl(exchange, 'sites'), value });
        },
      }),
    ),
    graphRoute({
      method: 'GET',
      path: graphPath('/sites/(?:microsoft\\.graph\\.)?delta(?:\\(\\))?'),
      display: '/sites/delta',
      summary: 'New and changed sites, for an app',
      contract: '8',
      strict: 'application permission only',
      omitted: 'sites that changed: after the first answer there is nothing new',
      units: 2,
      handle(exchange) {
        requireSites(exchange);
        if (tokenOf(exchange).kind !== 'app') throw faults.denied();
        const value = exchange.query.has('token') ? [] : sitesOf(exchange).map(siteJson);
        const link = `${exchange.urls.graph}/v1.0/sites/delta?token=latest`;
        const links = { '@odata.deltaLink': link };
        return odata(200, { '@odata.context': contextUrl(exchange, 'sites'), ...links, value });
      },
    }),
    graphRoute({
      method: 'GET',
      path: graphPath('/sites'),
      display: '/sites?search=',
      summary: 'Sites by a word',
      contract: '8',
      units: 2,
      handle(exchange) {
        requireSites(exchange);
        const word = (queryOptions(exchange).search ?? '*').replaceAll('"', '').toLowerCase();
        const fits = (site: Site) =>
          word === '*' || word === '' || site.displayName.toLowerCase().includes(word);
        const value = sitesOf(exchange).filter(fits).map(siteJson);
        return odata(200, { '@odata.context': contextUrl(exchange, 'sites'), value });
      },
    }),
    ...[sitePath(), graphPath('/sites/(?<siteHost>[^/:,]+):/(?<sitePath>[^:]*)')].map((path) =>
      graphRoute({
        method: 'GET',
        path,
        display: '/sites/{site}',
        summary: 'One site, by id or by path',
        contract: '2.1',
        units: 1,
        handle(exchange) {
          const found = isRootSite(context, tokenOf(exchange), exchange.params)
            ? rootOf(exchange)
            : findSite(context, tokenOf(exchange), exchange.params);
          if ('driveId' in found ? !mayRead(exchange, found) : !holdsAny(tokenOf(exchange), SITES_READ))
            throw faults.denied();
          const shown = 'driveId' in found ? siteJson(found) : found;
          return odata(200, { '@odata.context': contextUrl(exchange, 'sites/$entity'), ...shown });
        },
      }),
    ),
  ];
}

function siteJson(site: Site): Record<string, unknown> {
  return {
    createdDateTime: site.createdDateTime,
    description: site.description,
    id: site.id,
    lastModifiedDateTime: site.createdDateTime,
    name: site.path.split('/').at(-1),
    webUrl: site.webUrl,
    displayName: site.displayName,
    root: {},
    siteCollection: { hostname: new URL(site.webUrl).host },
  };
}
