import type { Config } from '../config.ts';
import { AppError } from '../errors.ts';
import type { TokenSource } from '../graph/graph-client.ts';
import type { Ports } from '../ports.ts';
import type { Storage } from '../storage/storage.ts';
import { type Accounts, createAccounts } from './accounts.ts';
import { createAcquire } from './acquire.ts';
import { createAppCredential } from './app-credential.ts';
import { type Audit, createAudit } from './audit.ts';
import { type Authorization, createAuthorization } from './authorization/authorization.ts';
import { type Callers, createCallers } from './callers.ts';
import { type ConnectTenant, createConnectTenant } from './connect-tenant.ts';
import { type Connection, type Connections, createConnections } from './connections.ts';
import type { ConsentLinks } from './consent-link.ts';
import { createConsentLinks } from './consent-links.ts';
import { createEntra } from './entra.ts';
import { createSignIn, type SignIn } from './flows/sign-in.ts';
import { createWays, type Ways } from './flows/ways.ts';
import { createGetToken } from './get-token.ts';
import { createGrantAccess, type GrantAccess } from './grant-access.ts';
import { createVerifyIdToken } from './id-token.ts';
import { createIssueToken, createServeToken, type IssueToken } from './issue-token.ts';
import type { IssuedToken, TokenRequest } from './issued-token.ts';
import { createVerifyIssuerToken } from './issuer-tokens.ts';
import { createKeepAlive, type KeepAlive } from './keep-alive.ts';
import { createKeepSignIn } from './keep-sign-in.ts';
import { createMicrosoftPages, type MicrosoftPages } from './microsoft-pages.ts';
import { createOidcCallers, type OidcCallers } from './oidc-callers.ts';
import { createOnBehalfOf, type OnBehalfOf } from './on-behalf-of/on-behalf-of.ts';
import { createPeople, type People } from './people/people.ts';
import { createPolicies, type Policies } from './policies.ts';
import { createRateLimit } from './rate-limit.ts';
import { type Check, createReadiness } from './readiness.ts';
import { createRowKeeper } from './row-keeper.ts';
import { createSessions, type Sessions } from './sessions.ts';
import { createSpentProofs } from './spent-proofs.ts';
import { createSteadyClock } from './steady-clock.ts';
import { createTokenRows } from './token-rows.ts';
import { createTrustedIssuers } from './trusted-issuers.ts';

/** Connections, tokens, and who may have them. */
export interface Broker {
  readonly accounts: Accounts;
  readonly audit: Audit;
  readonly callers: Callers;
  readonly connections: Connections;
  readonly consentLinks: ConsentLinks;
  readonly oidcCallers: OidcCallers;
  readonly people: People;
  readonly policies: Policies;
  readonly sessions: Sessions;
  readonly signIn: SignIn;
  readonly ways: Ways;
  readonly authorization: Authorization;
  readonly pages: MicrosoftPages;
  readonly connectTenant: ConnectTenant;
  /** For a caller that proved who it is: policy, token, audit. */
  readonly issueToken: IssueToken;
  /** The same for a caller that brings a person's own token. */
  readonly onBehalfOf: OnBehalfOf;
  /** The policy alone, for what is served in another way than by a token. */
  readonly grantAccess: GrantAccess;
  /** For this installation's own work. */
  getToken(request: TokenRequest): Promise<IssuedToken>;
  /** Throws `not_found` for a connection that does not exist. */
  tokenSource(idOrAlias: string): Promise<{ connection: Connection; source: TokenSource }>;
  /** For a timer: uses each person's refresh token at least every 7 days. */
  readonly keepAlive: KeepAlive;
  ready(): Promise<Check[]>;
}

export function createBroker(deps: { config: Config; storage: Storage; ports: Ports }): Broker {
  const { config, storage, ports } = deps;
  const { entra: settings } = config;
  const { keyCheck } = storage;
  const credential = createAppCredential({ config, storage, ports });
  const entra = createEntra({ config, credential, ports });
  const pages = createMicrosoftPages({ entra: settings, fetch: ports.fetch });
  const rows = createTokenRows(storage);
  const audit = createAudit({ storage, ports });
  const callers = createCallers({ storage, ports });
  const policies = createPolicies({ storage, ports });
  const sessions = createSessions({ config, storage, ports });
  const connections = createConnections({ storage, ports });
  const issuers = createTrustedIssuers({ config, fetch: ports.fetch, clock: ports.clock });
  const oidcCallers = createOidcCallers({ issuers, clock: ports.clock });
  const { leases } = storage;
  const keeper = createRowKeeper({ rows, log: ports.log });
  const clock = createSteadyClock(ports.clock);
  const { clientId } = settings;
  const acquire = createAcquire({ entra, rows, keeper, leases, connections, clientId, clock, ports });
  const tokens = createGetToken({ connections, acquire, publicUrl: config.publicUrl, clock, ports });
  const getToken = async (request: TokenRequest) => {
    await keyCheck();
    // From memory, for as long as an outage of Key Vault may last: before Microsoft is asked, and also for what is in memory.
    await storage.keys.active();
    return tokens.getToken(request);
  };
  const connectTenant = createConnectTenant({ config, entra, connections, keyCheck });
  const grantAccess = createGrantAccess({
    connections,
    policies,
    audit,
    spentProofs: createSpentProofs(storage, ports.clock),
    rateLimit: createRateLimit({ clock: ports.clock, requests: config.requestsPerMinute, windowSeconds: 60 }),
    clock: ports.clock,
  });
  const authorization = createAuthorization({ config, storage, connections, ports });
  const serveToken = createServeToken({ audit, clock: ports.clock });
  const onBehalfOf = createOnBehalfOf({
    tenantId: settings.tenantId,
    clientId: settings.clientId,
    verifyIssuerToken: createVerifyIssuerToken({ issuers, clock: ports.clock }),
    entra,
    grantAccess,
    serveToken,
    audit,
    keyCheck,
    leases,
    storage,
    ports,
  });
  const accounts = createAccounts({
    connections,
    rows,
    leases,
    sessions,
    authorization,
    handles: onBehalfOf.handles,
  });
  const verifyIdToken = createVerifyIdToken({ entra: settings, ports });
  const keepSignIn = createKeepSignIn({ connections, rows, clientId, ports });

  return {
    accounts,
    people: createPeople({
      accounts,
      audit,
      connections,
      rows,
      sessions,
      programs: authorization.tokens,
      handles: onBehalfOf.handles,
      storage,
      ports,
    }),
    audit,
    authorization,
    callers,
    connections,
    oidcCallers,
    policies,
    sessions,
    pages,
    connectTenant,
    getToken,
    grantAccess,
    consentLinks: createConsentLinks({ config, storage, pages, connections, connectTenant, ports }),
    signIn: createSignIn({
      config,
      storage,
      entra,
      pages,
      verifyIdToken,
      keepSignIn,
      sessions,
      keyCheck,
      ports,
    }),
    ways: createWays({ config, storage, entra, verifyIdToken, keepSignIn, keyCheck, ports }),
    keepAlive: createKeepAlive({ connections, getToken, leases, ports }),
    issueToken: createIssueToken({ grantAccess, getToken, serveToken }),
    onBehalfOf,

    async tokenSource(idOrAlias) {
      const connection = await connections.lookUp(idOrAlias);
      if (!connection) throw new AppError('not_found', `There is no connection "${idOrAlias}".`);
      const source: TokenSource = async (options = {}) =>
        (
          await getToken({
            connectionId: connection.id,
            claims: options.claims,
            forceRefresh: options.forceRefresh,
          })
        ).accessToken;
      return { connection, source };
    },

    ready: createReadiness({
      config,
      storageAnswers: () => connections.get('no-such-connection'),
      activeKey: () => storage.keys.active(),
      keyCheck,
      credential,
    }),
  };
}
