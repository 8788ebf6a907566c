import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  ClientAssertionCredential,
  ClientCertificateCredential,
  ClientSecretCredential,
  DefaultAzureCredential,
  ManagedIdentityCredential,
  type TokenCredential,
  WorkloadIdentityCredential,
} from '@azure/identity';
import type { WitnessTenant } from '../../support/witness.ts';
import { claimsOf, report } from './outcomes.ts';

const tenant = JSON.parse(process.env.TENANT ?? '{}') as WitnessTenant;
const { tenantId, clientId } = tenant;
const scope = 'https://graph.microsoft.com/.default';
const folder = mkdtempSync(path.join(tmpdir(), 'workload-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));

async function federatedToken(): Promise<string> {
  const address = `${tenant.identityEndpoint}?api-version=2019-08-01&resource=api://AzureADTokenExchange`;
  const answer = await fetch(address, { headers: { 'x-identity-header': tenant.identityHeader } });
  return ((await answer.json()) as { access_token: string }).access_token;
}

const facts = async (credential: TokenCredential, what = scope) => {
  const token = await credential.getToken(what);
  const { idtyp, aud, appid, tid } = claimsOf(token?.token);
  return { idtyp, aud, appid, tid, later: (token?.expiresOnTimestamp ?? 0) > Date.now() };
};

await report({
  secret: () => facts(new ClientSecretCredential(tenantId, clientId, tenant.clientSecret)),
  certificate: () => facts(new ClientCertificateCredential(tenantId, clientId, tenant.certificateFile)),
  assertion: () => facts(new ClientAssertionCredential(tenantId, clientId, federatedToken)),
  workload: async () => {
    const tokenFilePath = path.join(folder, 'token');
    writeFileSync(tokenFilePath, await federatedToken());
    return facts(new WorkloadIdentityCredential({ tenantId, clientId, tokenFilePath }));
  },
  'managed identity': () => {
    process.env.IDENTITY_ENDPOINT = tenant.identityEndpoint;
    process.env.IDENTITY_HEADER = tenant.identityHeader;
    return facts(new ManagedIdentityCredential(), 'https://vault.azure.net/.default');
  },
  default: () => facts(new DefaultAzureCredential(), 'https://vault.azure.net/.default'),
  'managed identity of another': () =>
    facts(
      new ManagedIdentityCredential({ clientId: '00000000-0000-4000-8000-000000000000' }),
      'https://vault.azure.net/.default',
    ),
  'wrong secret': () => facts(new ClientSecretCredential(tenantId, clientId, 'wrong')),
});
