import { ManagedIdentityCredential } from '@azure/identity';
import { ManagedIdentityApplication } from '@azure/msal-node';
import { claimsOf, report } from './outcomes.ts';

// IDENTITY_ENDPOINT and IDENTITY_HEADER come with the environment, as they do on App Service.
const { FIRST = '', SECOND = '' } = process.env;
const scope = 'https://graph.microsoft.com/.default';

async function byAzure(clientId: string | undefined): Promise<object> {
  const credential = clientId ? new ManagedIdentityCredential({ clientId }) : new ManagedIdentityCredential();
  const token = await credential.getToken(scope);
  const { aud, idtyp, upn } = claimsOf(token.token);
  return { aud, idtyp, upn, later: token.expiresOnTimestamp > Date.now() };
}

await report({
  'azure, named': () => byAzure(FIRST),
  'azure, another': () => byAzure(SECOND),
  'azure, denied': () => byAzure('nobody'),
  'azure, unnamed': () => byAzure(undefined),
  msal: async () => {
    const app = new ManagedIdentityApplication({
      managedIdentityIdParams: { userAssignedClientId: FIRST },
    });
    const answer = await app.acquireToken({ resource: 'https://graph.microsoft.com/' });
    return { aud: claimsOf(answer.accessToken).aud, later: (answer.expiresOn?.getTime() ?? 0) > Date.now() };
  },
});
