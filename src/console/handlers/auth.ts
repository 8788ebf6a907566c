import type { Cookie, HttpRequest } from '@azure/functions';
import type { Authorize } from '../../api/authorize.ts';
import { type Handler, readForm } from '../../api/http.ts';
import type { Audit } from '../../broker/audit.ts';
import { auditPerson } from '../../broker/audit-event.ts';
import { type CookieToSet, readCookies } from '../../broker/cookies.ts';
import { connectPath } from '../../broker/flows/return-to.ts';
import type { SignIn } from '../../broker/flows/sign-in.ts';
import { flowCookieName } from '../../broker/flows/sign-in.ts';
import { type Person, type Sessions, sessionCookieName } from '../../broker/sessions.ts';
import { isAppError } from '../../errors.ts';
import { pageHeaders, seeOther } from '../render-page.tsx';
import type { PageHandler } from './page-request.ts';
import { personOf } from './programs.tsx';

/** Of a way back that nobody began here, or too long ago, there is nothing to tell: anybody could fill the audit with it. */
const untold: ReadonlySet<string> = new Set(['flow_mismatch', 'flow_expired']);

export interface AuthDeps {
  readonly signIn: SignIn;
  readonly audit: Pick<Audit, 'record'>;
  readonly sessions: Pick<Sessions, 'end'>;
  readonly authorize: Authorize;
}

export interface AuthHandlers {
  /** `GET /auth/sign-in`: leaves for Microsoft. */
  readonly signIn: PageHandler;
  /** `GET /auth/connect`: leaves for Microsoft, to connect a further account of the person who is signed in. */
  readonly connect: PageHandler;
  /** `GET /auth/callback`: the way back. */
  readonly signInCallback: PageHandler;
  /** `POST /auth/sign-out` */
  readonly signOut: PageHandler;
}

export function createAuthHandlers(deps: AuthDeps): AuthHandlers {
  const { signIn, sessions, authorize } = deps;

  async function leave(options: URLSearchParams, connectFor?: Person) {
    const { location, cookie } = await signIn.begin(options, connectFor);
    return { status: 302, headers: { ...pageHeaders, location }, cookies: [toCookie(cookie)] };
  }

  return {
    signIn: (request) => leave(new URLSearchParams([...request.query])),

    async connect(request) {
      const options = new URLSearchParams([...request.query]);
      const person = await personOf(authorize, request);
      if (!person) {
        // Spaces as %20: a plus sign would not be let through again.
        const returnTo = `${connectPath}?${options.toString().replaceAll('+', '%20')}`;
        return seeOther(`/auth/sign-in?${new URLSearchParams({ return_to: returnTo })}`);
      }
      // Whoever is signed in at Microsoft already may be somebody else than the person wants to connect.
      if (!options.has('prompt') && !options.has('login_hint')) options.set('prompt', 'select_account');
      return leave(options, person);
    },

    async signInCallback(request, { requestId = '' }) {
      const query = new URLSearchParams([...request.query]);
      const person = await personOf(authorize, request);
      const event = { action: 'connection.sign_in', requestId } as const;
      const finished = await signIn
        .finish(query, cookiesOf(request), person)
        .catch(async (error: unknown) => {
          const reason = isAppError(error) ? error.code : 'internal_error';
          const actor = person ? auditPerson(person) : ({ kind: 'unknown' } as const);
          if (!untold.has(reason)) await deps.audit.record({ ...event, outcome: 'failed', reason, actor });
          throw error;
        });
      const { returnTo, cookies, connection, by } = finished;
      await deps.audit.record({
        ...event,
        outcome: 'granted',
        reason: 'ok',
        actor: auditPerson(by),
        connection: { id: connection.id, alias: connection.alias },
      });
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
