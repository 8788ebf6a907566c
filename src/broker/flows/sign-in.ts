import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Config } from '../../config.ts';
import { AppError, isAppError } from '../../errors.ts';
import type { Ports } from '../../ports.ts';
import type { Storage } from '../../storage/storage.ts';
import type { Connection } from '../connection.ts';
import type { CookieToSet, RequestCookies } from '../cookies.ts';
import { sameDigest, sha256 } from '../digest.ts';
import type { Entra } from '../entra.ts';
import { entraEndpoints } from '../entra-endpoints.ts';
import type { VerifyIdToken } from '../id-token.ts';
import { isSignInGrant, type KeepSignIn } from '../keep-sign-in.ts';
import type { MicrosoftPages } from '../microsoft-pages.ts';
import type { Person, Sessions } from '../sessions.ts';
import { createFlowRows } from './flow-rows.ts';
import { safeReturnTo } from './return-to.ts';
import { readSignInOptions } from './sign-in-options.ts';

export const flowCookieName = '__Host-flow';
export const flowSeconds = 15 * 60;

const flow = z.object({
  verifier: z.string(),
  nonce: z.string(),
  cookieHash: z.string(),
  returnTo: z.string(),
  tenantId: z.string(),
  scopes: z.array(z.string()),
  maxAge: z.number().optional(),
  /** Object id of the person who connects a further account; without it the account itself signs in here. */
  connectFor: z.string().optional(),
});

export interface SignedIn {
  readonly returnTo: string;
  readonly cookies: CookieToSet[];
  readonly connection: Connection;
  /** Who did it: the person of the session, or the one who has just signed in. */
  readonly by: { readonly objectId: string; readonly name: string };
}

export interface SignIn {
  /**
   * Microsoft's address, and the cookie that ties the way back to this browser. Options: see `readSignInOptions`, and return_to.
   * `connectFor`: a person who is signed in connects a further account of theirs; personal accounts come in by this way only,
   * because nobody knows who the world's personal accounts belong to. Throws `unauthorized` for one without it.
   */
  begin(
    options: URLSearchParams,
    connectFor?: Pick<Person, 'objectId'>,
  ): Promise<{ location: string; cookie: CookieToSet }>;
  /**
   * The way back: takes the flow (once), checks the cookie, redeems the code, verifies who it is, and keeps tokens, connection and,
   * unless a further account is connected, the session. Throws `flow_mismatch`, `flow_expired`, `access_denied`, `sign_in_failed`, and
   * `conflict` for an account that somebody else has connected.
   */
  finish(query: URLSearchParams, cookies: RequestCookies, person?: Person): Promise<SignedIn>;
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
  const redirectUri = `${config.publicUrl}/auth/callback`;
  const flows = createFlowRows(deps.storage, ports.clock, { partition: 'sign-in', schema: flow });
  const secret = () => ports.random(32).toString('base64url');

  return {
    async begin(given, connectFor) {
      await deps.keyCheck();
      const { tenantId, scopes, maxAge, hints } = readSignInOptions(given, config);
      if (tenantId !== config.entra.tenantId && !connectFor) {
        throw new AppError(
          'unauthorized',
          'A personal account is connected by a person who is signed in here: sign in with your work account first.',
        );
      }
      const [state, nonce, verifier, cookie] = [secret(), secret(), secret(), secret()];
      const begun = { verifier, nonce, tenantId, cookieHash: sha256(cookie), scopes: [...scopes] };
      await flows.put(
        state,
        {
          ...begun,
          returnTo: safeReturnTo(given.get('return_to')),
          ...(maxAge === undefined ? {} : { maxAge }),
          ...(connectFor ? { connectFor: connectFor.objectId } : {}),
        },
        flowSeconds,
      );
      const url = await deps.pages.authorize(tenantId);
      const query = {
        client_id: config.entra.clientId,
        response_type: 'code',
        response_mode: 'query',
        redirect_uri: redirectUri,
        scope: scopes.join(' '),
        state,
        nonce,
        code_challenge: createHash('sha256').update(verifier).digest('base64url'),
        code_challenge_method: 'S256',
        client_info: '1',
        ...hints,
      };
      for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
      return { location: url.href, cookie: { name: flowCookieName, value: cookie, maxAge: flowSeconds } };
    },

    async finish(query, cookies, person) {
      const state = query.get('state') ?? '';
      const taken = state.length > 200 || state === '' ? undefined : await flows.take(state);
      if (!taken) {
        throw new AppError(
          'flow_mismatch',
          'This sign-in was not begun here, or has been used already. Sign in again.',
        );
      }
      if (taken.expired) throw new AppError('flow_expired', 'This sign-in took too long. Sign in again.');
      const { verifier, nonce, cookieHash, returnTo, tenantId, scopes, maxAge, connectFor } = taken.value;
      const cookie = cookies.get(flowCookieName);
      if (!cookie || !sameDigest(sha256(cookie), cookieHash)) {
        throw new AppError('flow_mismatch', 'This sign-in was begun in another browser. Sign in again.');
      }
      if (connectFor !== undefined && person?.objectId !== connectFor) {
        throw new AppError(
          'flow_mismatch',
          'The person who began to connect this account is not signed in here any more. Start again.',
        );
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
        .redeemCode({ tenantId, code, redirectUri, codeVerifier: verifier, nonce, scopes })
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
      const account = await deps.verifyIdToken(grant.idToken, { nonce, tenantId, maxAge });
      const connection = await deps.keepSignIn(grant, account, { scopes, connectFor: person && connectFor });
      ports.log.info('signed_in', { connection: connection.id });
      const flowOver = { name: flowCookieName, value: '', maxAge: 0 };
      if (connectFor !== undefined && person) {
        return { returnTo, connection, cookies: [flowOver], by: person };
      }
      const session = await deps.sessions.begin({
        ...account,
        homeAccountId: grant.homeAccountId,
        connectionId: connection.id,
      });
      return { returnTo, connection, cookies: [session, flowOver], by: account };
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
