import type { Broker } from '../broker/broker.ts';
import type { Notices } from '../broker/notices/notices.ts';
import { type Config, version } from '../config.ts';
import type { Graph } from '../graph/client.ts';
import type { Jobs } from '../jobs/jobs.ts';
import type { Ports } from '../ports.ts';
import type { Rules } from '../rules/rules.ts';
import type { Storage } from '../storage/storage.ts';
import { auditOperations, createAuditApi } from './audit.ts';
import { createAuthenticateCaller } from './authenticate-caller.ts';
import type { Authorize } from './authorize.ts';
import { createCallerConnection } from './caller-connection.ts';
import { callerOperations, createCallersApi } from './callers.ts';
import { connectOperations, createConnectApi } from './connect.ts';
import {
  connectionChangeOperations,
  createChangeConnection,
  createConnectionChangesApi,
} from './connection-changes.ts';
import { connectionOperations, createConnectionsApi } from './connections.ts';
import { consentLinkOperations, createConsentLinksApi } from './consent-links.ts';
import { connectionHeader, createGraphProxy, graphProxyOperations } from './graph-proxy/graph-proxy.ts';
import { createServeCall } from './graph-proxy/serve-call.ts';
import { createHealthApi, healthOperations } from './health.ts';
import { createIdentityEndpoint, identityOperations } from './identity.ts';
import { createJobsApi, jobOperations } from './jobs.ts';
import { createKeysApi, keyOperations } from './keys.ts';
import { createMetadata, metadataOperations } from './metadata.ts';
import { createNoticesApi, noticeOperations } from './notices.ts';
import { createOnBehalfGrants } from './oauth-on-behalf.ts';
import { createOwnGrants } from './oauth-own-grants.ts';
import { createOwnTokensApi, ownTokenOperations } from './oauth-own-tokens.ts';
import { createTokenEndpoint, tokenOperations } from './oauth-token.ts';
import { createOpenApi } from './openapi.ts';
import { createOperationsApi, operationOperations } from './operations.ts';
import { createOwnJobs } from './own-jobs.ts';
import { createOwnToken, ownTokenOperation } from './own-token.ts';
import { createPeopleApi, peopleOperations } from './people.ts';
import { createPoisonApi, poisonOperations } from './poison.ts';
import { createPoliciesApi, policyOperations } from './policies.ts';
import { createPolicyExplain, policyExplainOperations } from './policy-explain.ts';
import { createProveCaller } from './prove-caller.ts';
import { createReportsApi, reportOperations } from './reports.ts';
import { createRulesApi, ruleOperations } from './rules.ts';
import { createRunFile, runFileOperations } from './run-files.ts';
import { createRunsApi, runOperations } from './runs.ts';
import { createSessionApi, sessionOperations } from './session.ts';
import { createSubscriptionsApi, subscriptionOperations } from './subscriptions.ts';
import { createWhyApi, whyOperations } from './why.ts';

export interface ApiDeps {
  readonly config: Config;
  readonly broker: Broker;
  readonly graph: Pick<Graph, 'forward'>;
  readonly jobs: Jobs;
  readonly rules: Rules;
  readonly storage: Pick<Storage, 'poison' | 'keyRotation' | 'vault'>;
  readonly notices: Pick<Notices, 'credential' | 'open' | 'test'>;
  readonly authorize: Authorize;
  readonly ports: Ports;
}

export type Api = ReturnType<typeof createApi>;

/** The whole HTTP surface for callers and scripts, one group of handlers for each kind of thing. */
export function createApi({
  config,
  broker,
  graph,
  jobs,
  rules,
  storage,
  notices,
  authorize,
  ports,
}: ApiDeps) {
  const { publicUrl } = config;
  const { audit, callers, connections, consentLinks, oidcCallers, policies, issueToken } = broker;
  const common = { audit, authorize, publicUrl, ports };
  const ownJobs = createOwnJobs(jobs);
  const authenticate = createAuthenticateCaller({ callers, oidcCallers });
  const prove = createProveCaller({ callers, oidcCallers, audit, ports });
  const connectionOf = (tell: string) => createCallerConnection({ policies, clock: ports.clock, tell });
  const { authorization, getToken, grantAccess, onBehalfOf } = broker;
  const calls = createServeCall({
    grantAccess,
    getToken,
    audit,
    forward: graph.forward,
    appId: config.entra.clientId,
    graphUrl: config.graphUrl,
    publicUrl,
  });
  const operations = [
    ...tokenOperations,
    ...ownTokenOperations,
    ...graphProxyOperations,
    ...identityOperations,
    ...metadataOperations,
    ...sessionOperations,
    ...connectionOperations,
    ...connectionChangeOperations,
    ownTokenOperation,
    ...peopleOperations,
    ...connectOperations,
    ...callerOperations,
    ...policyOperations,
    ...policyExplainOperations,
    ...consentLinkOperations,
    ...jobOperations,
    ...runOperations,
    ...runFileOperations,
    ...whyOperations,
    ...reportOperations,
    ...ruleOperations,
    ...operationOperations,
    ...subscriptionOperations,
    ...poisonOperations,
    ...keyOperations,
    ...noticeOperations,
    ...auditOperations,
    ...healthOperations,
  ];
  return {
    token: createTokenEndpoint({
      authenticate,
      issueToken,
      onBehalf: createOnBehalfGrants({ onBehalfOf, clock: ports.clock }),
      ownGrants: createOwnGrants({ authorization, audit }),
      audit,
      ports,
    }),
    graphProxy: createGraphProxy({
      prove,
      callerConnection: connectionOf(`name one in the header ${connectionHeader}`),
      calls,
      ports,
    }),
    identity: createIdentityEndpoint({
      prove,
      callerConnection: connectionOf('name one as client_id'),
      issueToken,
      ports,
    }),
    ownTokens: createOwnTokensApi({ authorization, authenticate, onBehalfOf, publicUrl, ports }),
    metadata: createMetadata({ publicUrl, ports }),
    openApi: createOpenApi({ operations, publicUrl, version, ports }),
    health: createHealthApi({ ready: broker.ready, credential: notices.credential, ports }),
    session: createSessionApi({ authorize, ports }),
    connections: createConnectionsApi({ broker, ...common }),
    connectionChanges: createConnectionChangesApi({
      changeConnection: createChangeConnection(broker),
      ...common,
    }),
    people: createPeopleApi({ broker, jobs, rules, ...common }),
    ownToken: createOwnToken({ issueToken, authorize, ports }),
    connect: createConnectApi({ ways: broker.ways, ...common }),
    callers: createCallersApi({ callers, ...common }),
    policies: createPoliciesApi({ policies, callers, oidcCallers, ...common }),
    explain: createPolicyExplain({
      policies,
      connections,
      oidcCallers,
      tenantId: config.entra.tenantId,
      authorize,
      ports,
    }),
    consentLinks: createConsentLinksApi({ consentLinks, ...common }),
    jobs: createJobsApi({ jobs, ownJobs, ...common }),
    runs: createRunsApi({ jobs, ownJobs, ...common }),
    runFile: createRunFile({ jobs, ownJobs, ...common }),
    why: createWhyApi({ jobs, ...common }),
    reports: createReportsApi(common),
    rules: createRulesApi({ rules, ...common }),
    operations: createOperationsApi({ rules, ...common }),
    subscriptions: createSubscriptionsApi({ rules, ...common }),
    poison: createPoisonApi({ poison: storage.poison, ...common }),
    notices: createNoticesApi({ notices, ...common }),
    keys: createKeysApi({ ...storage, ...common }),
    audit: createAuditApi(common),
  };
}
