import type { Seeded } from '../seed.ts';
import { VALET_ROLES, VALET_SCOPES } from './known-permissions.ts';
import type { Application, AppSecret } from './types.ts';
import { GRAPH_APP } from './types.ts';

const DAY = 86_400_000;

/** Where programs of others usually come back to; the port does not count. */
const PUBLIC_REDIRECTS = [
  'http://localhost',
  'http://localhost/callback',
  'http://127.0.0.1',
  'https://login.microsoftonline.com/common/oauth2/nativeclient',
];

/** The registrations of Contoso: Graph Valet first, then others in various states of health. */
export function seedApps(seeded: Seeded, tenantId: string, now: number): Application[] {
  const midnight = now - (now % DAY);
  const secret = (app: string, startDays: number, endDays: number): AppSecret => ({
    keyId: seeded.guid(`secret ${app} ${endDays}`),
    displayName: `${app} secret`,
    secretText: `${seeded.hex(`secret ${app}`, 3)}8Q~${seeded.bytes(`secret ${app} ${endDays}`, 26).toString('base64url')}`,
    startDateTime: new Date(midnight + startDays * DAY).toISOString(),
    endDateTime: new Date(midnight + endDays * DAY).toISOString(),
  });
  const app = (name: string, more: Partial<Application>): Application => ({
    id: seeded.guid(`application ${name}`),
    appId: seeded.guid(`client ${name}`),
    tenantId,
    displayName: name,
    signInAudience: 'AzureADMyOrg',
    identifierUris: [],
    redirectUris: { web: [], spa: [], publicClient: [] },
    logoutUrl: null,
    allowPublicClient: false,
    implicitIdToken: false,
    secrets: [],
    certificates: [],
    federated: [],
    exposes: { scopes: [], roles: [] },
    requires: [],
    createdDateTime: '2025-02-03T09:00:00Z',
    ...more,
  });
  const valetId = seeded.guid('client Graph Valet');
  return [
    app('Graph Valet', {
      signInAudience: 'AzureADandPersonalMicrosoftAccount',
      identifierUris: [`api://${valetId}`],
      redirectUris: { web: [], spa: [], publicClient: PUBLIC_REDIRECTS },
      allowPublicClient: true,
      secrets: [secret('Graph Valet', -30, 335)],
      exposes: { scopes: ['access_as_user'], roles: ['Caller'] },
      requires: [{ resourceAppId: GRAPH_APP, scopes: VALET_SCOPES, roles: VALET_ROLES }],
    }),
    app('Contoso Intranet', {
      identifierUris: ['api://contoso-intranet'],
      redirectUris: { web: ['http://localhost/intranet'], spa: ['http://localhost/spa'], publicClient: [] },
      secrets: [secret('Contoso Intranet', -300, 12)],
      exposes: { scopes: ['user_impersonation'], roles: [] },
      requires: [{ resourceAppId: GRAPH_APP, scopes: ['User.Read'], roles: [] }],
    }),
    app('Invoice Robot', {
      secrets: [secret('Invoice Robot', -370, -5), secret('Invoice Robot', -20, 160)],
    }),
    app('Legacy Sync', { secrets: [secret('Legacy Sync', -725, 5)] }),
    app('Desk Tool', {
      redirectUris: { web: [], spa: [], publicClient: ['http://localhost'] },
      allowPublicClient: true,
      requires: [{ resourceAppId: GRAPH_APP, scopes: ['User.Read', 'Files.Read'], roles: [] }],
    }),
  ];
}
