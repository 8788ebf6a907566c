import type { Cookie, HttpRequest } from '@azure/functions';
import type { Authorize } from '../../api/authorize.ts';
import { type Handler, readForm } from '../../api/http.ts';
import { type CookieToSet, readCookies } from '../../broker/cookies.ts';
import type { SignIn } from '../../broker/flows/sign-in.ts';
import { flowCookieName } from '../../broker/flows/sign-in.ts';
import { type Sessions, sessionCookieName } from '../../broker/sessions.ts';
import { isAppError } from '../../errors.ts';
import { pageHeaders, seeOther } from '../render-page.tsx';
import type { PageHandler } from './page-request.ts';

export interface AuthDeps {
  readonly signIn: SignIn;
  readonly sessions: Pick<Sessions, 'end'>;
  readonly authorize: Authorize;
}

export interface AuthHandlers {
  /** `GET /auth/sign-in`: leaves for Microsoft. */
  readonly signIn: PageHandler;
  /** `GET /auth/callback`: the way back. */
  readonly signInCallback: PageHandler;
  /** `POST /auth/sign-out` */
  readonly signOut: PageHandler;
}

export function createAuthHandlers({ signIn, sessions, authorize }: AuthDeps): AuthHandlers {
  return {
    async signIn(request) {
      const { location, cookie } = await signIn.begin(new URLSearchParams([...request.query]));
      return { status: 302, headers: { ...pageHeaders, location }, cookies: [toCookie(cookie)] };
    },

    async signInCallback(request) {
      const query = new URLSearchParams([...request.query]);
      const { returnTo, cookies } = await signIn.finish(query, cookiesOf(request));
      return seeOther(returnTo, cookies.map(toCookie));
    },

    async signOut(request) {
      const form = await readForm(request);
      const gone = seeOther('/', [toCookie({ name: sessionCookieName, value: '', maxAge: 0 })]);
      try {
        await authorize(request, 'person', { csrf: form.get('csrf') });
      } catch (error) {
        // A session that is over needs no end; anything else is refused.
        if (isAppError(error, 'unauthorized')) return gone;
        throw error;
      }
      await sessions.end(cookiesOf(request).get(sessionCookieName) ?? '');
      return gone;
    },
  };
}

/** An answer to a failed way back also takes the flow's cookie away. */
export function withoutFlowCookie(handler: Handler): Handler {
  return async (request) => {
    const answer = await handler(request);
    const failed = (answer.status ?? 200) >= 400;
    return failed
      ? {
          ...answer,
          cookies: [...(answer.cookies ?? []), toCookie({ name: flowCookieName, value: '', maxAge: 0 })],
        }
      : answer;
  };
}

function cookiesOf(request: HttpRequest) {
  return readCookies(request.headers.get('cookie'));
}

function toCookie({ name, value, maxAge }: CookieToSet): Cookie {
  return { name, value, maxAge, path: '/', secure: true, httpOnly: true, sameSite: 'Lax' };
}
