import type { Seeded } from '../seed.ts';
import { VALET_ROLES, VALET_SCOPES } from './known-permissions.ts';
import { seedApps } from './seed-apps.ts';
import { CONTOSO_PEOPLE, FABRIKAM_PEOPLE, PERSONAL_PEOPLE, seedPeople, toDriveId } from './seed-people.ts';
import type { Application, DirectoryData, ServicePrincipal, TenantRecord } from './types.ts';
import { GRAPH_APP, PERSONAL_TENANT, TOKEN_EXCHANGE_APP, VAULT_APP } from './types.ts';

const CREATED = '2024-01-08T07:00:00Z';

/** The directory as it is before anybody changed anything; depends on the seed, and on `now` for expiry dates only. */
export function seedDirectory(seeded: Seeded, now: number, redirectUris: readonly string[]): DirectoryData {
  const contoso = workTenant(seeded, 'Contoso');
  const fabrikam = workTenant(seeded, 'Fabrikam');
  const personal: TenantRecord = {
    id: PERSONAL_TENANT,
    kind: 'personal',
    displayName: 'Microsoft accounts',
    domains: ['outlook.example'],
    sharePointHost: 'onedrive.live.com',
    oneDriveHost: 'onedrive.live.com',
    userConsent: true,
    createdDateTime: CREATED,
  };
  const applications = seedApps(seeded, contoso.id, now);
  const valet = first(applications);
  valet.redirectUris.web.push(...redirectUris);
  const identity = managedIdentity(seeded, contoso.id);
  valet.federated.push({
    id: seeded.guid('federated graph-valet'),
    name: 'graph-valet',
    issuer: `https://login.microsoftonline.com/${contoso.id}/v2.0`,
    subject: identity.id,
    audience: 'api://AzureADTokenExchange',
  });
  const principals = [contoso, fabrikam].flatMap((tenant) => resources(seeded, tenant.id));
  principals.push(...applications.map((app) => servicePrincipalOf(seeded, app, contoso.id)), identity);
  const valetPrincipal = servicePrincipalOf(seeded, valet, contoso.id);
  return {
    tenants: [contoso, fabrikam, personal],
    users: [
      ...seedPeople(seeded, contoso, CONTOSO_PEOPLE),
      ...seedPeople(seeded, fabrikam, FABRIKAM_PEOPLE),
      ...seedPeople(seeded, personal, PERSONAL_PEOPLE),
    ],
    sites: [financeSite(seeded, contoso)],
    applications,
    servicePrincipals: principals,
    roleGrants: VALET_ROLES.map((role) => ({
      id: seeded.bytes(`role ${role}`, 32).toString('base64url'),
      principalId: valetPrincipal.id,
      resourceAppId: GRAPH_APP,
      role,
      createdDateTime: CREATED,
    })),
    scopeGrants: [
      {
        id: seeded.bytes('scopes graph valet', 32).toString('base64url'),
        clientId: valetPrincipal.id,
        resourceAppId: GRAPH_APP,
        userId: null,
        scopes: [...VALET_SCOPES],
      },
    ],
    main: {
      tenantId: contoso.id,
      clientId: valet.appId,
      managedIdentityId: identity.id,
      identityHeader: seeded.guid('identity header'),
      siteId: financeSite(seeded, contoso).id,
      bigDriveId: toDriveId(seeded, 'big drive'),
      partnerTenantId: fabrikam.id,
    },
  };
}

function workTenant(seeded: Seeded, name: string): TenantRecord {
  const lower = name.toLowerCase();
  return {
    id: seeded.guid(`tenant ${name}`),
    kind: 'work',
    displayName: name,
    domains: [`${lower}.example`, `${lower}.onmicrosoft.com`],
    sharePointHost: `${lower}.sharepoint.com`,
    oneDriveHost: `${lower}-my.sharepoint.com`,
    userConsent: true,
    createdDateTime: CREATED,
  };
}

function financeSite(seeded: Seeded, tenant: TenantRecord) {
  return {
    id: `${tenant.sharePointHost},${seeded.guid('site Finance')},${seeded.guid('web Finance')}`,
    tenantId: tenant.id,
    displayName: 'Finance',
    path: '/sites/Finance',
    webUrl: `https://${tenant.sharePointHost}/sites/Finance`,
    description: 'Invoices, budgets and reports',
    driveId: toDriveId(seeded, 'drive Finance'),
    createdDateTime: '2024-02-12T10:15:00Z',
  };
}

/** The service principal that an app gets in a tenant; its id depends on both, so that seeding agrees with consent. */
export function servicePrincipalOf(
  seeded: Seeded,
  app: Pick<Application, 'appId' | 'displayName'>,
  tenantId: string,
): ServicePrincipal {
  return {
    id: seeded.guid(`principal ${app.appId} ${tenantId}`),
    appId: app.appId,
    tenantId,
    displayName: app.displayName,
    kind: 'Application',
    enabled: true,
    assignmentRequired: false,
    assigned: [],
    createdDateTime: CREATED,
  };
}

function resources(seeded: Seeded, tenantId: string): ServicePrincipal[] {
  return [
    { appId: GRAPH_APP, displayName: 'Microsoft Graph' },
    { appId: VAULT_APP, displayName: 'Azure Key Vault' },
    { appId: TOKEN_EXCHANGE_APP, displayName: 'AzureADTokenExchange' },
  ].map((app) => servicePrincipalOf(seeded, app, tenantId));
}

function managedIdentity(seeded: Seeded, tenantId: string): ServicePrincipal {
  const appId = seeded.guid('client of managed identity graph-valet');
  return {
    ...servicePrincipalOf(seeded, { appId, displayName: 'graph-valet' }, tenantId),
    kind: 'ManagedIdentity',
  };
}

function first<T>(list: readonly T[]): T {
  const [head] = list;
  if (head === undefined) throw new Error('the seed holds no application');
  return head;
}
