import type { Directory } from '../directory/directory.ts';
import type { Exchange, VerifiedToken } from '../http/route.ts';
import { HttpFault } from '../http/route.ts';
import type { Tokens } from '../identity/tokens.ts';
import { TokenRefused } from '../identity/tokens.ts';

const AUDIENCE = [
  'https://vault.azure.net',
  'https://vault.azure.net/',
  'cfa8b339-82a2-471a-a3c9-0fc0be7a4093',
];

/** The vault's gate: a token of its own tenant for Key Vault, or 401 with the challenge; api-version is checked after that. */
export function createVaultAccess(parts: {
  readonly tokens: Tokens;
  readonly directory: Directory;
}): (exchange: Exchange) => Promise<VerifiedToken> {
  return async (exchange) => {
    const tenantId = parts.directory.data.main.tenantId;
    const challenge = `Bearer authorization="${exchange.urls.login}/${tenantId}", resource="https://vault.azure.net"`;
    const refuse = (message: string) =>
      new HttpFault(401, 'Unauthorized', message, { headers: { 'www-authenticate': challenge } });
    const token = await parts.tokens
      .verifyAccessToken(exchange.headers.authorization, { audience: AUDIENCE })
      .catch((error: unknown) => {
        if (!(error instanceof TokenRefused)) throw error;
        throw refuse(messages[error.reason]);
      });
    if (token.tenantId !== tenantId) throw refuse('AKV10032: Invalid issuer.');
    if (!exchange.query.has('api-version')) {
      throw new HttpFault(400, 'BadParameter', 'api-version must be specified');
    }
    return token;
  };
}

const messages = {
  missing: 'AKV10000: Request is missing a Bearer or PoP token.',
  malformed: 'AKV10021: Unable to resolve signing key for validation.',
  expired: 'AKV10022: Invalid audience or lifetime: the token is expired.',
  audience: 'AKV10022: Invalid audience. Expected https://vault.azure.net.',
};
