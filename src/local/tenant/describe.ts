import type { Urls } from './http/route.ts';
import type { Tenant } from './tenant.ts';

/** The line of `--json`: every address, id and credential that a client or a test needs. */
export function describeTenant(
  tenant: Tenant,
  urls: Urls,
  options: { readonly items: number; readonly proxyUrl?: string | undefined },
) {
  const { directory } = tenant;
  const { main, sites } = directory.data;
  const app = directory.application(main.clientId);
  const peopleOf = (tenantId: string) =>
    directory.users(tenantId).map(({ upn, password, id, driveId, admin, mfa, displayName }) => ({
      upn,
      password,
      id,
      driveId,
      displayName,
      ...(admin ? { admin } : {}),
      ...(mfa ? { mfa } : {}),
    }));
  return {
    loginUrl: urls.login,
    pagesUrl: urls.pages,
    graphUrl: urls.graph,
    filesUrl: urls.files,
    vaultUrl: urls.vault,
    controlUrl: urls.control,
    caFile: tenant.caFile,
    proxyUrl: options.proxyUrl ?? null,
    tenantId: main.tenantId,
    clientId: main.clientId,
    clientSecret: app?.secrets[0]?.secretText ?? '',
    certificateFile: tenant.certificateFile,
    identityEndpoint: `${urls.control}/msi/token`,
    identityHeader: main.identityHeader,
    users: peopleOf(main.tenantId),
    siteId: main.siteId,
    siteDriveId: sites.find((site) => site.id === main.siteId)?.driveId ?? '',
    bigDriveId: options.items > 0 ? main.bigDriveId : null,
    partner: { tenantId: main.partnerTenantId, users: peopleOf(main.partnerTenantId) },
    personal: { users: peopleOf('9188040d-6c67-4c5b-b112-36a304b66dad') },
  };
}
