import type { Directory } from '../directory/directory.ts';
import { GRAPH_APP } from '../directory/types.ts';
import type { Exchange, VerifiedToken } from '../http/route.ts';
import { HttpFault } from '../http/route.ts';
import type { Tokens } from './tokens.ts';
import { TokenRefused } from './tokens.ts';

const CHALLENGE = `Bearer realm="", authorization_uri="https://login.microsoftonline.com/common/oauth2/authorize", client_id="${GRAPH_APP}"`;
const AUDIENCE = ['https://graph.microsoft.com', 'https://graph.microsoft.com/', GRAPH_APP];
const MESSAGES = {
  missing: 'Access token is empty.',
  malformed: 'CompactToken parsing failed with error code: 80049217',
  expired: 'Lifetime validation failed, the token is expired.',
  audience: 'Access token validation failure. Invalid audience.',
};

/** Graph's gate: a valid token of this tenant for Graph, or HttpFault 401 with the challenge that Graph sends. */
export function createAuthorizeBearer(parts: {
  readonly tokens: Tokens;
  readonly directory: Directory;
}): (exchange: Exchange) => Promise<VerifiedToken> {
  return async (exchange) => {
    const token = await parts.tokens
      .verifyAccessToken(exchange.headers.authorization, { audience: AUDIENCE })
      .catch((error: unknown) => {
        if (!(error instanceof TokenRefused)) throw error;
        throw refusal(MESSAGES[error.reason], CHALLENGE);
      });
    const since = revokedSince(parts.directory, token);
    if (since !== undefined) throw claimsChallenge(since);
    return token;
  };
}

/**
 * Continuous access evaluation: only a token whose client declared cp1 is cut short when its user was
 * disabled or revoked; any other lives on until it expires.
 */
function revokedSince(directory: Directory, token: VerifiedToken): number | undefined {
  const capable = JSON.stringify(token.claims.xms_cc ?? '')
    .toLowerCase()
    .includes('cp1');
  if (token.kind !== 'user' || !capable) return undefined;
  const user = directory.user(token.tenantId, token.oid);
  if (!user) return undefined;
  const issued = typeof token.claims.iat === 'number' ? token.claims.iat : 0;
  if (!user.enabled) return issued + 1;
  return issued < user.sessionsValidFrom ? user.sessionsValidFrom : undefined;
}

function claimsChallenge(since: number): HttpFault {
  const claims = { access_token: { nbf: { essential: true, value: String(since) } } };
  const encoded = Buffer.from(JSON.stringify(claims)).toString('base64');
  const what = 'result: InteractionRequired and code: TokenCreatedWithOutdatedPolicies';
  return refusal(
    `Continuous access evaluation resulted in challenge with ${what}`,
    // authorization_uri is unquoted here, as seen on the wire.
    `Bearer realm="", authorization_uri=https://login.microsoftonline.com/common/oauth2/authorize, client_id="${GRAPH_APP}", error="insufficient_claims", claims="${encoded}", errorDescription="Continuous access evaluation resulted in claims challenge with ${what}"`,
  );
}

function refusal(message: string, challenge: string): HttpFault {
  return new HttpFault(401, 'InvalidAuthenticationToken', message, {
    headers: { 'www-authenticate': challenge },
  });
}
