import type { Application } from '../../directory/types.ts';
import type { Exchange, Reply } from '../../http/route.ts';
import { Refusal } from '../aadsts.ts';
import { canonicalSegment, mayEnter, readAuthority, readClient } from '../authority.ts';
import { type Consent, checkOffered } from '../consent.ts';
import { sameLoopback } from '../grants/authorization-code.ts';
import { checkClaims, isCapable } from '../grants/grant.ts';
import type { IdentityWorld } from '../identity-world.ts';
import { clientInfo } from '../issue-answer.ts';
import { readScopes } from '../scopes.ts';
import type { SealedGrants } from '../sealed-grants.ts';
import { names } from '../user-checks.ts';
import type { Flow, Flows } from './flow.ts';
import { errorPage } from './page.ts';
import { type ResponseMode, redirectError, sendBack } from './send-back.ts';
import type { BrowserSessions, SignedIn } from './sessions.ts';
import type { Steps } from './steps.ts';

const PROMPTS = ['', 'login', 'none', 'consent', 'select_account', 'create'];

/** GET and POST authorize: a code for a registered redirect URI, after whatever the person still has to do. */
export function createAuthorize(
  world: IdentityWorld,
  parts: {
    readonly flows: Flows;
    readonly sessions: BrowserSessions;
    readonly consent: Consent;
    readonly grants: SealedGrants;
    readonly steps: Steps;
  },
) {
  const { directory } = world;

  return (exchange: Exchange, version: 1 | 2): Reply => {
    const query = exchange.method === 'POST' ? exchange.form() : exchange.query;
    try {
      const authority = readAuthority(directory, exchange.params.tenant ?? '');
      const app = readClient(directory, authority, need(query, 'client_id'));
      const redirectUri = readRedirectUri(app, query.get('redirect_uri'));
      const mode: ResponseMode = readMode(query);
      const state = query.get('state') ?? undefined;
      const refuse = (refusal: Refusal) =>
        redirectError(exchange, redirectUri, mode, state, refusal, world.clock());
      try {
        return begin(exchange, query, version, { authority, app, redirectUri, mode, state });
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        return refuse(error);
      }
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      return errorPage(error.message, error.code, exchange.requestId);
    }
  };

  function begin(
    exchange: Exchange,
    query: URLSearchParams,
    version: 1 | 2,
    to: {
      authority: Flow['authority'];
      app: Application;
      redirectUri: string;
      mode: ResponseMode;
      state: string | undefined;
    },
  ): Reply {
    const { authority, app, redirectUri, mode, state } = to;
    const type = need(query, 'response_type');
    if (type !== 'code') {
      throw new Refusal(
        'unsupported_response_type',
        700054,
        `response_type '${type}' is not enabled for the application.`,
      );
    }
    const challenge = query.get('code_challenge') ?? undefined;
    const method = query.get('code_challenge_method') ?? (challenge ? 'plain' : undefined);
    if (method !== undefined && method !== 'S256' && method !== 'plain') {
      throw new Refusal('invalid_request', 501481, `The code_challenge_method '${method}' is not supported.`);
    }
    if (method !== undefined && (challenge === undefined || !/^[\w.~-]{43,128}$/.test(challenge))) {
      throw new Refusal('invalid_request', 501491, 'Invalid size of Code_Challenge parameter.');
    }
    if (app.redirectUris.spa.includes(redirectUri) && challenge === undefined) {
      throw new Refusal(
        'invalid_request',
        9002325,
        'Proof Key for Code Exchange is required for cross-origin authorization code redemption.',
      );
    }
    const prompt = query.get('prompt') ?? '';
    if (!PROMPTS.includes(prompt))
      throw new Refusal('invalid_request', 90023, `Invalid prompt value '${prompt}'.`);

    const resource = query.get('resource');
    const scope =
      version === 1
        ? `openid profile offline_access ${resource ?? 'https://graph.microsoft.com'}/.default`
        : need(query, 'scope');
    const asked = readScopes(directory, scope, { severalResources: true });
    checkOffered(asked);
    checkClaims(query.get('claims'));
    const maxAge = query.get('max_age');
    const hint = query.get('login_hint') ?? undefined;

    const finish: Flow['finish'] = (at, { user, authTime, methods }) => {
      const code = parts.grants.seal({
        kind: 'code',
        clientId: app.appId,
        userId: user.id,
        redirectUri,
        scope,
        nonce: query.get('nonce') ?? undefined,
        challenge,
        challengeMethod: method,
        segment: canonicalSegment(authority),
        authTime,
        methods: [...methods],
        maxAge: maxAge !== null,
        capable: isCapable(query.get('claims')),
        exp: Math.floor(world.clock() / 1000) + Math.floor(world.switches.get().codeSeconds),
      });
      const info = query.get('client_info') === '1' ? { client_info: clientInfo(user) } : {};
      const fields = {
        code,
        ...info,
        ...(state === undefined ? {} : { state }),
        session_state: at.requestId,
      };
      return sendBack(redirectUri, mode, fields);
    };
    const refuse: Flow['refuse'] = (error, code, text) =>
      redirectError(
        exchange,
        redirectUri,
        mode,
        state,
        new Refusal(error, code, text),
        world.clock(),
        'cancel',
      );

    const session = usable(exchange, authority, app, { prompt, hint, maxAge });
    if (prompt === 'none') checkSilent(session, app, asked);
    const flow = parts.flows.begin({
      authority,
      app,
      asked,
      // After max_age the password is asked again, the name is remembered.
      loginHint: hint ?? (maxAge === null ? undefined : rememberedName(exchange)),
      domainHint: query.get('domain_hint') ?? undefined,
      askConsent: prompt === 'consent',
      adminConsent: false,
      finish,
      refuse,
    });
    return parts.steps.start(exchange, flow, session);
  }

  /** The one person signed in to this browser who may go on without a password. */
  function usable(
    exchange: Exchange,
    authority: Flow['authority'],
    app: Application,
    ask: { prompt: string; hint: string | undefined; maxAge: string | null },
  ): SignedIn | undefined {
    if (['login', 'select_account', 'create'].includes(ask.prompt)) return undefined;
    const now = Math.floor(world.clock() / 1000);
    const found = parts.sessions.of(exchange).filter((session) => {
      const user = directory.findUser(session.userId);
      if (!user?.enabled || session.authTime < user.sessionsValidFrom || !mayEnter(authority, app, user))
        return false;
      if (ask.hint !== undefined && user.upn.toLowerCase() !== ask.hint.toLowerCase()) return false;
      return ask.maxAge === null || now - session.authTime < Number(ask.maxAge);
    });
    return found.length === 1 ? found[0] : undefined;
  }

  function rememberedName(exchange: Exchange): string | undefined {
    const [only, ...more] = parts.sessions.of(exchange);
    return only && more.length === 0 ? directory.findUser(only.userId)?.upn : undefined;
  }

  function checkSilent(session: SignedIn | undefined, app: Application, asked: Flow['asked']): void {
    const user = session && directory.findUser(session.userId);
    if (!session || !user) {
      throw new Refusal(
        'login_required',
        50058,
        'A silent sign-in request was sent but no user is signed in.',
      );
    }
    if (names(world.switches.get().requireMfa, user) && !session.methods.includes('mfa')) {
      throw new Refusal(
        'interaction_required',
        50076,
        'Multi-factor authentication is required to access the resource.',
      );
    }
    if (parts.consent.missing(app, user, asked).length > 0) {
      throw new Refusal(
        'consent_required',
        65001,
        `The user or administrator has not consented to use the application with ID '${app.appId}'.`,
      );
    }
  }
}

function need(query: URLSearchParams, name: string): string {
  const value = query.get(name);
  if (value) return value;
  throw new Refusal(
    'invalid_request',
    900144,
    `The request body must contain the following parameter: '${name}'.`,
  );
}

export function readRedirectUri(app: Application, given: string | null): string {
  const { web, spa, publicClient } = app.redirectUris;
  if (given === null) {
    const [first] = [...web, ...spa, ...publicClient];
    if (first) return first;
  } else if (spa.includes(given) || [...web, ...publicClient].some((uri) => sameLoopback(uri, given))) {
    return given;
  }
  throw new Refusal(
    'invalid_request',
    50011,
    `The redirect URI '${given ?? ''}' specified in the request does not match the redirect URIs configured for the application '${app.appId}'.`,
  );
}

function readMode(query: URLSearchParams): ResponseMode {
  const usual = /\b(id_token|token)\b/.test(query.get('response_type') ?? '') ? 'fragment' : 'query';
  const mode = query.get('response_mode') ?? usual;
  if (mode === 'query' || mode === 'fragment' || mode === 'form_post') return mode;
  throw new Refusal('invalid_request', 70007, `'${mode}' is not a supported value of 'response_mode'.`);
}
