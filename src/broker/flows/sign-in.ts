import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Config } from '../../config.ts';
import { AppError, isAppError } from '../../errors.ts';
import type { Ports } from '../../ports.ts';
import type { Storage } from '../../storage/storage.ts';
import type { CookieToSet, RequestCookies } from '../cookies.ts';
import { sameDigest, sha256 } from '../digest.ts';
import type { Entra } from '../entra.ts';
import { entraEndpoints } from '../entra-endpoints.ts';
import type { VerifyIdToken } from '../id-token.ts';
import { isSignInGrant, type KeepSignIn } from '../keep-sign-in.ts';
import type { MicrosoftPages } from '../microsoft-pages.ts';
import type { Sessions } from '../sessions.ts';
import { signInScopes } from '../sign-in-scopes.ts';
import { createFlowRows } from './flow-rows.ts';
import { safeReturnTo } from './return-to.ts';

export const flowCookieName = '__Host-flow';
export const flowSeconds = 15 * 60;

const flow = z.object({
  verifier: z.string(),
  nonce: z.string(),
  cookieHash: z.string(),
  returnTo: z.string(),
});

const hints = z.object({
  login_hint: z.string().max(256).optional(),
  domain_hint: z.string().max(256).optional(),
  prompt: z.enum(['login', 'consent', 'select_account']).optional(),
  max_age: z.coerce
    .number()
    .int()
    .min(0)
    .max(86_400 * 90)
    .optional(),
});

export interface SignIn {
  /** Microsoft's address, and the cookie that ties the way back to this browser. Options: login_hint, domain_hint, prompt, max_age, return_to. */
  begin(options: URLSearchParams): Promise<{ location: string; cookie: CookieToSet }>;
  /**
   * The way back: takes the flow (once), checks the cookie, redeems the code, verifies who it is, and keeps tokens, connection and
   * session. Throws `flow_mismatch`, `flow_expired`, `access_denied`, `sign_in_failed`.
   */
  finish(
    query: URLSearchParams,
    cookies: RequestCookies,
  ): Promise<{ returnTo: string; cookies: CookieToSet[] }>;
}

/** Authorization code with PKCE, state, nonce and a cookie, each for one use. */
export function createSignIn(deps: {
  readonly config: Config;
  readonly storage: Pick<Storage, 'sealedTable'>;
  readonly entra: Pick<Entra, 'redeemCode'>;
  readonly pages: Pick<MicrosoftPages, 'authorize'>;
  readonly verifyIdToken: VerifyIdToken;
  readonly keepSignIn: KeepSignIn;
  readonly sessions: Pick<Sessions, 'begin'>;
  readonly keyCheck: () => Promise<void>;
  readonly ports: Pick<Ports, 'clock' | 'random' | 'log'>;
}): SignIn {
  const { config, ports } = deps;
  const { tenantId, clientId } = config.entra;
  const redirectUri = `${config.publicUrl}/auth/callback`;
  const flows = createFlowRows(deps.storage, ports.clock, { partition: 'sign-in', schema: flow });
  const secret = () => ports.random(32).toString('base64url');

  return {
    async begin(options) {
      await deps.keyCheck();
      const given = hints.safeParse(Object.fromEntries([...options].filter(([name]) => name in hints.shape)));
      if (!given.success) {
        throw new AppError(
          'invalid_request',
          'An option of this sign-in is not valid: login_hint, domain_hint, prompt (login, consent, select_account), max_age.',
        );
      }
      const [state, nonce, verifier, cookie] = [secret(), secret(), secret(), secret()];
      const returnTo = safeReturnTo(options.get('return_to'));
      await flows.put(state, { verifier, nonce, cookieHash: sha256(cookie), returnTo }, flowSeconds);
      const url = await deps.pages.authorize(tenantId);
      const query = {
        client_id: clientId,
        response_type: 'code',
        response_mode: 'query',
        redirect_uri: redirectUri,
        scope: signInScopes.join(' '),
        state,
        nonce,
        code_challenge: createHash('sha256').update(verifier).digest('base64url'),
        code_challenge_method: 'S256',
        client_info: '1',
        ...Object.fromEntries(Object.entries(given.data).map(([name, value]) => [name, String(value)])),
      };
      for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
      return { location: url.href, cookie: { name: flowCookieName, value: cookie, maxAge: flowSeconds } };
    },

    async finish(query, cookies) {
      const state = query.get('state') ?? '';
      const taken = state.length > 200 || state === '' ? undefined : await flows.take(state);
      if (!taken) {
        throw new AppError(
          'flow_mismatch',
          'This sign-in was not begun here, or has been used already. Sign in again.',
        );
      }
      if (taken.expired) throw new AppError('flow_expired', 'This sign-in took too long. Sign in again.');
      const { verifier, nonce, cookieHash, returnTo } = taken.value;
      const cookie = cookies.get(flowCookieName);
      if (!cookie || !sameDigest(sha256(cookie), cookieHash)) {
        throw new AppError('flow_mismatch', 'This sign-in was begun in another browser. Sign in again.');
      }
      const iss = query.get('iss');
      if (iss !== null && iss !== entraEndpoints(config.entra, tenantId).issuer) {
        throw new AppError(
          'sign_in_failed',
          'The answer came from another identity provider. Sign in again.',
          { detail: 'iss differs' },
        );
      }
      refuseError(query);
      const code = query.get('code');
      if (!code) throw new AppError('sign_in_failed', 'Microsoft sent no code. Sign in again.');

      const grant = await deps.entra
        .redeemCode({ tenantId, code, redirectUri, codeVerifier: verifier, nonce, scopes: signInScopes })
        .catch((error: unknown) => {
          // There is no stored sign-in yet that could have ended: it is this code that was refused.
          if (!isAppError(error, 'reauth_required')) throw error;
          throw new AppError('sign_in_failed', 'Microsoft did not accept this sign-in. Sign in again.', {
            ...(error.detail === undefined ? {} : { detail: error.detail }),
          });
        });
      if (!isSignInGrant(grant)) {
        throw new AppError('sign_in_failed', 'Microsoft’s answer is not complete. Sign in again.');
      }
      const person = await deps.verifyIdToken(grant.idToken, { nonce });
      const connection = await deps.keepSignIn(grant, person);
      const session = await deps.sessions.begin({
        ...person,
        homeAccountId: grant.homeAccountId,
        connectionId: connection.id,
      });
      ports.log.info('signed_in', { connection: connection.id });
      return { returnTo, cookies: [session, { name: flowCookieName, value: '', maxAge: 0 }] };
    },
  };
}

/** Microsoft's own text is not ours to show: it is external input. */
function refuseError(query: URLSearchParams): void {
  const error = query.get('error');
  if (error === null) return;
  const detail = `error=${/^[a-z_]{1,40}$/.test(error) ? error : 'unreadable'}`;
  if (error === 'access_denied') {
    throw new AppError('access_denied', 'The sign-in was cancelled, or the permissions were declined.', {
      detail,
    });
  }
  throw new AppError('sign_in_failed', 'Microsoft could not complete the sign-in. Sign in again.', {
    detail,
  });
}
