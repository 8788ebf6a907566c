import { createHash } from 'node:crypto';
import { Refusal } from '../aadsts.ts';
import { canonicalSegment } from '../authority.ts';
import { readScopes } from '../scopes.ts';
import { checkRevoked, checkUser } from '../user-checks.ts';
import { crossOrigin, type Grant, isCapable, required } from './grant.ts';

export const authorizationCode: Grant = async ({ world, grants, answerUser }, request) => {
  const { exchange, form, app, authority } = request;
  const text = required(form, 'code');
  const redirectUri = required(form, 'redirect_uri');
  const isPublic = app.redirectUris.publicClient.some((uri) => sameLoopback(uri, redirectUri));
  const spa = app.redirectUris.spa.includes(redirectUri);
  if (spa && exchange.headers.origin === undefined) {
    throw new Refusal(
      'invalid_request',
      9002327,
      "Tokens issued for the 'Single-Page Application' client-type may only be redeemed via cross-origin requests.",
    );
  }
  if (!spa && exchange.headers.origin !== undefined) throw crossOrigin(exchange.headers.origin);
  const proof = await request.authenticate({ publicAllowed: isPublic || spa });
  const code = await grants.takeCode(text);
  if (code.clientId !== app.appId) {
    throw new Refusal(
      'invalid_grant',
      70000,
      'The provided value for the code parameter is not valid: it was issued to another client.',
    );
  }
  if (code.segment !== canonicalSegment(authority)) {
    throw new Refusal(
      'invalid_grant',
      700005,
      'Provided Authorization Code is intended to use against other tenant, thus rejected.',
    );
  }
  if (code.redirectUri !== redirectUri) {
    throw new Refusal(
      'invalid_grant',
      50011,
      'The redirect URI specified in the request does not match the one that the code was issued for.',
    );
  }
  checkChallenge(code.challenge, code.challengeMethod, form.get('code_verifier'));
  const user = world.directory.findUser(code.userId);
  if (!user) throw new Refusal('invalid_grant', 50034, 'The user account does not exist in the directory.');
  checkUser(user, world.switches.get());
  checkRevoked(user, code.authTime);
  // The sign-in may have asked for several APIs at once, the token request must not.
  const severalResources = request.scope === '';
  const scope = request.scope || code.scope;
  readScopes(world.directory, scope, { severalResources });
  return answerUser(exchange, {
    app,
    user,
    scope: withOidc(scope, code.scope),
    severalResources,
    proof,
    authTime: code.authTime,
    methods: code.methods,
    capable: code.capable || isCapable(form.get('claims')),
    nonce: code.nonce,
    maxAge: code.maxAge,
    spa,
  });
};

function checkChallenge(
  challenge: string | undefined,
  method: string | undefined,
  verifier: string | null,
): void {
  if (challenge === undefined) {
    if (verifier === null) return;
    throw new Refusal(
      'invalid_grant',
      501481,
      'The Code_Verifier does not match the code_challenge supplied in the authorization request.',
    );
  }
  if (verifier === null) {
    throw new Refusal(
      'invalid_grant',
      50148,
      'The code_verifier does not match the code_challenge supplied in the authorization request for PKCE.',
    );
  }
  if (!/^[\w.~-]{43,128}$/.test(verifier)) {
    throw new Refusal('invalid_grant', 501491, 'Invalid size of Code_Verifier parameter.');
  }
  const made = method === 'S256' ? createHash('sha256').update(verifier).digest('base64url') : verifier;
  if (made === challenge) return;
  throw new Refusal(
    'invalid_grant',
    501481,
    'The Code_Verifier does not match the code_challenge supplied in the authorization request.',
  );
}

/** openid and offline_access of the sign-in hold at the token endpoint too. */
function withOidc(scope: string, signIn: string): string {
  const oidc = signIn
    .split(' ')
    .filter((one) => ['openid', 'profile', 'email', 'offline_access'].includes(one));
  return [...new Set([...scope.split(/\s+/).filter(Boolean), ...oidc])].join(' ');
}

/** Any port of a registered loopback address is the same address. */
export function sameLoopback(registered: string, given: string): boolean {
  if (registered === given) return true;
  const [a, b] = [URL.parse(registered), URL.parse(given)];
  if (!a || !b || !['localhost', '127.0.0.1'].includes(a.hostname)) return false;
  return (
    a.protocol === b.protocol &&
    b.username === '' &&
    a.hostname === b.hostname &&
    a.pathname === b.pathname &&
    a.search === b.search
  );
}
