import { createHash, randomBytes } from 'node:crypto';
import type { Application, User } from '../directory/types.ts';
import { GRAPH_APP } from '../directory/types.ts';
import type { Exchange } from '../http/route.ts';
import { Refusal } from './aadsts.ts';
import type { ClientProof } from './access-tokens.ts';
import type { Consent } from './consent.ts';
import type { IdentityWorld } from './identity-world.ts';
import { readScopes } from './scopes.ts';
import type { SealedGrants } from './sealed-grants.ts';

export interface UserGrant {
  readonly app: Application;
  readonly user: User;
  /** As asked at the token endpoint. */
  readonly scope: string;
  /** Scopes of several APIs are borne; the token is for the first. */
  readonly severalResources?: boolean;
  readonly proof: ClientProof;
  readonly authTime: number;
  readonly methods: readonly string[];
  readonly capable: boolean;
  readonly nonce?: string | undefined;
  /** The sign-in had max_age: auth_time is then in the ID token. */
  readonly maxAge?: boolean;
  readonly spa?: boolean;
  /** Keeps the end of an SPA's refresh token. */
  readonly refreshUntil?: number;
}

/** The success body for a person: access token, refresh token and ID token as far as they were asked for. */
export type AnswerUser = (exchange: Exchange, grant: UserGrant) => Promise<Record<string, unknown>>;

export function createAnswerUser(
  world: IdentityWorld,
  parts: { readonly consent: Consent; readonly grants: SealedGrants },
): AnswerUser {
  const { directory, switches, accessTokens, tokens, clock } = world;

  return async (exchange, grant) => {
    const { app, user } = grant;
    const { severalResources = false } = grant;
    const asked = readScopes(directory, grant.scope, { severalResources });
    const missing = parts.consent.missing(app, user, asked);
    if (missing.length > 0) {
      throw new Refusal(
        'invalid_grant',
        65001,
        `The user or administrator has not consented to use the application with ID '${app.appId}' named '${app.displayName}'. Send an interactive authorization request for this user and resource.`,
        { suberror: 'consent_required' },
      );
    }
    const granted = parts.consent.granted(app, user, asked.resource);
    const names = granted.filter((scope) => scope !== 'offline_access');
    const { token, seconds } = await accessTokens.ofUser({
      user,
      tenantId: user.tenantId,
      clientId: app.appId,
      resource: asked.resource,
      scopes: names,
      proof: grant.proof,
      capable: grant.capable,
      methods: grant.methods,
    });

    const form = exchange.form();
    const prefix = switches.get().scopeSpelling === 'uri' ? `${asked.resource.audience}/` : '';
    const spelled = names.map((scope) =>
      asked.resource.appId === GRAPH_APP && isOidc(scope) ? scope : prefix + scope,
    );
    const now = Math.floor(clock() / 1000);
    const body: Record<string, unknown> = {
      token_type: 'Bearer',
      scope: [...new Set([...spelled, ...asked.oidc.filter((one) => one !== 'offline_access')])].join(' '),
      expires_in: seconds,
      ext_expires_in: seconds,
      access_token: token,
    };
    if (switches.get().refreshIn || grant.capable) body.refresh_in = Math.floor(seconds / 2);
    if (asked.oidc.includes('offline_access')) {
      body.refresh_token = parts.grants.seal({
        kind: 'refresh',
        clientId: app.appId,
        userId: user.id,
        scope: grant.scope,
        authTime: grant.authTime,
        methods: [...grant.methods],
        issuedAt: now,
        spa: grant.spa ?? false,
        exp:
          grant.refreshUntil ?? now + (grant.spa ? 86_400 : Math.floor(switches.get().refreshTokenSeconds)),
      });
    }
    if (asked.oidc.includes('openid')) body.id_token = await idToken(exchange.urls.login, grant, asked.oidc);
    if (form.get('client_info') === '1') body.client_info = clientInfo(user);
    return body;
  };

  function idToken(login: string, grant: UserGrant, oidc: readonly string[]): Promise<string> {
    const { app, user } = grant;
    const now = Math.floor(clock() / 1000);
    return tokens.sign({
      aud: app.appId,
      iss: `${login}/${user.tenantId}/v2.0`,
      iat: now,
      nbf: now,
      exp: now + 3600,
      sub: createHash('sha256').update(`${app.appId} ${user.id}`).digest('base64url'),
      tid: user.tenantId,
      aio: randomBytes(24).toString('base64url'),
      rh: `1.${randomBytes(24).toString('base64url')}`,
      uti: randomBytes(16).toString('base64url'),
      ver: '2.0',
      ...(oidc.includes('profile')
        ? { oid: user.id, name: user.displayName, preferred_username: user.upn }
        : {}),
      ...(oidc.includes('email') ? { email: user.mail } : {}),
      ...(grant.nonce === undefined ? {} : { nonce: grant.nonce }),
      ...(grant.maxAge ? { auth_time: grant.authTime } : {}),
    });
  }
}

/** base64url JSON of `uid` and `utid`, from which MSAL makes the home account id. */
export function clientInfo(user: User): string {
  return Buffer.from(JSON.stringify({ uid: user.id, utid: user.tenantId })).toString('base64url');
}

function isOidc(scope: string): boolean {
  return ['openid', 'profile', 'email'].includes(scope);
}
