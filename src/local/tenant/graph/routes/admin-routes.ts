import { requireDirectory } from '../access/permission-names.ts';
import { tokenOf } from '../addressing/find-drive.ts';
import { graphPath } from '../addressing/item-paths.ts';
import type { GraphContext } from '../graph-context.ts';
import { contextUrl } from '../render/item-answer.ts';
import { type GraphRoute, graphRoute } from '../wire/graph-route.ts';
import { odata } from '../wire/reply.ts';

/** What administrators look up: settings of reports, delegated consents. */
export function adminRoutes(context: GraphContext): GraphRoute[] {
  const { directory } = context;
  return [
    graphRoute({
      method: 'GET',
      path: graphPath('/admin/reportSettings'),
      display: '/admin/reportSettings',
      summary: 'Whether usage reports conceal names',
      contract: '8',
      strict: 'ReportSettings.Read.All',
      handle(exchange) {
        requireDirectory(tokenOf(exchange), ['ReportSettings.Read.All', 'ReportSettings.ReadWrite.All']);
        return odata(200, {
          '@odata.context': contextUrl(exchange, 'admin/reportSettings/$entity'),
          displayConcealedNames: context.switches.concealedNames,
        });
      },
    }),
    graphRoute({
      method: 'GET',
      path: graphPath('/oauth2PermissionGrants'),
      display: '/oauth2PermissionGrants',
      summary: 'Delegated permissions that were consented to',
      contract: '9',
      strict: 'Directory.Read.All',
      handle(exchange) {
        const { tenantId } = tokenOf(exchange);
        requireDirectory(tokenOf(exchange), ['Directory.Read.All']);
        const { scopeGrants, servicePrincipals } = directory.data;
        const here = servicePrincipals.filter((one) => one.tenantId === tenantId);
        const value = scopeGrants
          .filter((grant) => here.some((one) => one.id === grant.clientId))
          .map((grant) => ({
            clientId: grant.clientId,
            consentType: grant.userId === null ? 'AllPrincipals' : 'Principal',
            id: grant.id,
            principalId: grant.userId,
            resourceId: here.find((one) => one.appId === grant.resourceAppId)?.id ?? null,
            scope: grant.scopes.join(' '),
          }));
        return odata(200, { '@odata.context': contextUrl(exchange, 'oauth2PermissionGrants'), value });
      },
    }),
  ];
}
