import { type AuthenticationResult, ConfidentialClientApplication, LogLevel } from '@azure/msal-node';
import type { Config } from '../config.ts';
import { AppError, isAppError } from '../errors.ts';
import type { Ports } from '../ports.ts';
import type { AppCredential } from './app-proof.ts';
import { entraEndpoints } from './entra-endpoints.ts';
import { toEntraFailure } from './entra-failure.ts';
import { createMsalNetwork, type EntraReply } from './msal-network.ts';
import { createMsalPartition, type MsalCredentials } from './msal-partition.ts';

/** What the token endpoint gave, not yet compared with what was wanted. */
export interface EntraGrant {
  readonly accessToken: string;
  /** As Entra wrote them; empty for an app-only token, whose roles are in the token. */
  readonly scopes: readonly string[];
  readonly idToken: string | undefined;
  /** MSAL's home account id; undefined for an app-only token. */
  readonly homeAccountId: string | undefined;
  /** Account and refresh token; undefined for an app-only token. */
  readonly credentials: MsalCredentials | undefined;
  /** Milliseconds since 1970. */
  readonly obtainedAt: number;
  readonly expiresAt: number;
  /** When a new one should be fetched, though this one still serves. */
  readonly refreshAt: number;
}

/** The token endpoint. Each call is one acquisition by a client object of its own; nothing is cached, nothing is stored. */
export interface Entra {
  redeemCode(request: {
    tenantId: string;
    code: string;
    redirectUri: string;
    codeVerifier: string;
    nonce: string;
    scopes: readonly string[];
  }): Promise<EntraGrant>;
  /** A refresh token that was obtained elsewhere, for this app. */
  redeemRefreshToken(request: {
    tenantId: string;
    refreshToken: string;
    scopes: readonly string[];
  }): Promise<EntraGrant>;
  /** Only for accounts without a second factor. */
  redeemPassword(request: {
    tenantId: string;
    username: string;
    password: string;
    scopes: readonly string[];
  }): Promise<EntraGrant>;
  /** `assertion`: a person's token that was issued for this app. */
  onBehalfOf(request: {
    tenantId: string;
    assertion: string;
    scopes: readonly string[];
    claims?: string | undefined;
  }): Promise<EntraGrant>;
  /** Spends the refresh token of `credentials`. */
  refresh(request: {
    tenantId: string;
    credentials: MsalCredentials;
    scopes: readonly string[];
    claims?: string | undefined;
  }): Promise<EntraGrant>;
  appToken(request: { tenantId: string; scope: string; claims?: string | undefined }): Promise<EntraGrant>;
}

export function createEntra(deps: {
  readonly config: Pick<Config, 'entra'>;
  readonly credential: AppCredential;
  readonly ports: Pick<Ports, 'clock' | 'fetch'>;
}): Entra {
  const { entra } = deps.config;
  const environment = new URL(entra.authorityHost).host;

  /** Once more after `invalid_client`, when there is another credential than the one that was refused. */
  async function acquire(
    tenantId: string,
    stored: MsalCredentials | undefined,
    ask: (app: ConfidentialClientApplication) => Promise<AuthenticationResult | null>,
  ): Promise<EntraGrant> {
    for (let attempt = 1; ; attempt += 1) {
      const network = createMsalNetwork(deps.ports);
      const partition = createMsalPartition(environment, stored);
      const { proof, version } = await deps.credential.proof(tenantId);
      try {
        const app = new ConfidentialClientApplication({
          auth: {
            clientId: entra.clientId,
            ...authorityOf(entra, tenantId),
            ...proof,
            // Continuous access evaluation: revocation reaches Graph within minutes, told by a claims challenge.
            clientCapabilities: ['cp1'],
          },
          cache: { cachePlugin: partition.plugin },
          system: {
            networkClient: network,
            // Its messages may hold what must not be in a log.
            loggerOptions: { loggerCallback: () => {}, logLevel: LogLevel.Error, piiLoggingEnabled: false },
          },
        });
        const result = await ask(app);
        const reply = network.lastReply();
        // A gateway's error page has no `error`: MSAL takes it for a success without a token.
        if (!result?.accessToken || !reply) throw new Error('no token was obtained');
        return toGrant(result, reply, partition.credentials());
      } catch (error) {
        const failure = toEntraFailure(error, network.lastReply());
        const refused = network.lastReply()?.body.error === 'invalid_client';
        if (!refused || attempt > 1 || !(await deps.credential.refused(version))) throw failure;
      }
    }
  }

  return {
    redeemCode: ({ tenantId, code, redirectUri, codeVerifier, nonce, scopes }) =>
      acquire(tenantId, undefined, (app) =>
        app.acquireTokenByCode({ code, redirectUri, codeVerifier, nonce, scopes: [...scopes] }),
      ),

    redeemRefreshToken: ({ tenantId, refreshToken, scopes }) =>
      acquire(tenantId, undefined, (app) =>
        app.acquireTokenByRefreshToken({ refreshToken, scopes: [...scopes], forceCache: true }),
      ),

    redeemPassword: ({ tenantId, username, password, scopes }) =>
      acquire(tenantId, undefined, (app) =>
        app.acquireTokenByUsernamePassword({ username, password, scopes: [...scopes] }),
      ),

    onBehalfOf: ({ tenantId, assertion, scopes, claims }) =>
      acquire(tenantId, undefined, (app) =>
        app.acquireTokenOnBehalfOf({
          oboAssertion: assertion,
          scopes: [...scopes],
          skipCache: true,
          ...(claims === undefined ? {} : { claims }),
        }),
      ),

    refresh: ({ tenantId, credentials, scopes, claims }) =>
      acquire(tenantId, credentials, async (app) => {
        const [account] = await app.getTokenCache().getAllAccounts();
        if (!account) throw new AppError('reauth_required', 'The stored sign-in has no account.');
        return app.acquireTokenSilent({
          account,
          scopes: [...scopes],
          forceRefresh: true,
          ...(claims === undefined ? {} : { claims }),
        });
      }),

    appToken: ({ tenantId, scope, claims }) =>
      acquire(tenantId, undefined, (app) =>
        app.acquireTokenByClientCredential({
          scopes: [scope],
          skipCache: true,
          azureRegion: 'DisableMsalForceRegion',
          ...(claims === undefined ? {} : { claims }),
        }),
      ).catch((error: unknown) => {
        throw isAppError(error, 'reauth_required') ? refusedApp(error) : error;
      }),
  };
}

/** An app has no sign-in that could have ended. */
function refusedApp({ detail }: AppError): AppError {
  return new AppError('broker_misconfigured', 'Microsoft refuses this app in that tenant.', {
    ...(detail === undefined ? {} : { detail }),
  });
}

/** With the metadata given, MSAL asks neither for the instance nor for the discovery document, in any cloud. */
function authorityOf(entra: Config['entra'], tenantId: string) {
  const endpoints = entraEndpoints(entra, tenantId);
  return {
    authority: endpoints.authority,
    knownAuthorities: [new URL(entra.authorityHost).host],
    authorityMetadata: JSON.stringify({
      issuer: endpoints.issuer,
      authorization_endpoint: endpoints.authorization,
      token_endpoint: endpoints.token,
      end_session_endpoint: endpoints.endSession,
      jwks_uri: endpoints.keys,
    }),
  };
}

function toGrant(
  result: AuthenticationResult,
  reply: EntraReply,
  credentials: MsalCredentials | undefined,
): EntraGrant {
  const lifetime = secondsOf(reply.body.expires_in);
  if (lifetime === undefined)
    throw new AppError('internal_error', 'Microsoft gave a token without a lifetime.');
  const refreshIn = secondsOf(reply.body.refresh_in) ?? lifetime / 2;
  return {
    accessToken: result.accessToken,
    scopes: typeof reply.body.scope === 'string' ? reply.body.scope.split(' ').filter(Boolean) : [],
    idToken: result.idToken || undefined,
    homeAccountId: result.account?.homeAccountId,
    credentials,
    obtainedAt: reply.askedAt,
    expiresAt: reply.askedAt + lifetime * 1000,
    refreshAt: reply.askedAt + Math.min(refreshIn, lifetime) * 1000,
  };
}

function secondsOf(value: unknown): number | undefined {
  const seconds = typeof value === 'string' ? Number(value) : value;
  return typeof seconds === 'number' && Number.isFinite(seconds) && seconds > 0 ? seconds : undefined;
}
