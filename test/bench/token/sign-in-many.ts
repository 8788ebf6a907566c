import { ConfidentialClientApplication } from '@azure/msal-node';
import { z } from 'zod';
import { createConnections } from '../../../src/broker/connections.ts';
import { createVerifyIdToken } from '../../../src/broker/id-token.ts';
import { createKeepSignIn } from '../../../src/broker/keep-sign-in.ts';
import { createMsalPartition } from '../../../src/broker/msal-partition.ts';
import { signInScopes } from '../../../src/broker/sign-in-scopes.ts';
import { createTokenRows } from '../../../src/broker/token-rows.ts';
import { readConfig } from '../../../src/config.ts';
import { systemPorts } from '../../../src/ports.ts';
import { createStorage } from '../../../src/storage/storage.ts';

// Signs people in by password and keeps what came, by the product's own code; then spends each refresh token once more with
// nothing but msal-node, and says how long that took. Prints {"aliases":[...],"refreshSeconds":n}.

const { upns, password, atOnce } = z
  .object({ upns: z.array(z.string()), password: z.string(), atOnce: z.number() })
  .parse(JSON.parse(process.env.SIGN_IN_MANY ?? '{}'));
const clientSecret = z.string().parse(process.env.ENTRA_CLIENT_SECRET);
const config = readConfig();
const { entra } = config;
const ports = { ...systemPorts, log: { info() {}, warn() {}, error() {} } };
const storage = createStorage(config, ports);
const connections = createConnections({ storage, ports });
const rows = createTokenRows(storage);
const keepSignIn = createKeepSignIn({ connections, rows, clientId: entra.clientId, ports });
const verifyIdToken = createVerifyIdToken({ entra, ports });
const authority = `${entra.authorityHost}/${entra.tenantId}`;
const host = new URL(entra.authorityHost).host;
const auth = { clientId: entra.clientId, clientSecret, authority, knownAuthorities: [host] };

const aliases: string[] = [];
const refreshTokens: string[] = [];
await each(upns, async (username, index) => {
  const partition = createMsalPartition(host);
  const app = new ConfidentialClientApplication({ auth, cache: { cachePlugin: partition.plugin } });
  const result = await app.acquireTokenByUsernamePassword({ username, password, scopes: [...signInScopes] });
  const credentials = partition.credentials();
  if (!result?.account || !credentials) throw new Error(`${username} could not sign in`);
  const now = Date.now();
  const grant = {
    accessToken: result.accessToken,
    scopes: result.scopes,
    idToken: result.idToken,
    homeAccountId: result.account.homeAccountId,
    credentials,
    obtainedAt: now,
    expiresAt: result.expiresOn?.getTime() ?? now,
    refreshAt: now,
  };
  const connection = await keepSignIn(grant, await verifyIdToken(result.idToken));
  aliases[index] = connection.alias;
  refreshTokens[index] = credentials.refreshToken.entity.secret;
});

const startedAt = performance.now();
await each(refreshTokens, async (refreshToken) => {
  const app = new ConfidentialClientApplication({ auth });
  const result = await app.acquireTokenByRefreshToken({ refreshToken, scopes: ['User.Read'] });
  if (!result) throw new Error('a refresh gave nothing');
});
console.log(JSON.stringify({ aliases, refreshSeconds: (performance.now() - startedAt) / 1000 }));
process.exit();

async function each<T>(all: readonly T[], work: (one: T, index: number) => Promise<void>): Promise<void> {
  let next = 0;
  const worker = async () => {
    while (next < all.length) {
      const index = next;
      next += 1;
      await work(all[index] as T, index);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}
