import type { TenantInfo } from './tenant-info.ts';

/** The settings that a deployed app has too, pointing at this machine. */
export function hostSettings(
  tenant: TenantInfo,
  url: string,
  storageConnection: string,
): Record<string, string> {
  const administrators = tenant.users.filter((user) => user.admin).map((user) => user.id);
  return {
    AzureWebJobsStorage: storageConnection,
    DataStorage: storageConnection,
    GRAPH_VALET_PUBLIC_URL: url,
    // Here nobody can be tricked by a code, and everything can be tried.
    GRAPH_VALET_SIGN_IN_WAYS: 'device_code,personal',
    GRAPH_VALET_ADMINISTRATORS: administrators.join(','),
    ENTRA_TENANT_ID: tenant.tenantId,
    ENTRA_CLIENT_ID: tenant.clientId,
    ENTRA_AUTHORITY_HOST: tenant.loginUrl,
    ENTRA_CREDENTIAL: 'secret',
    GRAPH_URL: tenant.graphUrl,
    KEY_VAULT_URI: tenant.vaultUrl,
    IDENTITY_ENDPOINT: tenant.identityEndpoint,
    IDENTITY_HEADER: tenant.identityHeader,
    NODE_EXTRA_CA_CERTS: tenant.caFile,
  };
}
