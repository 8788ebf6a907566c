import type { Broker } from '../broker/broker.ts';
import { type Config, version } from '../config.ts';
import type { Jobs } from '../jobs/jobs.ts';
import type { Ports } from '../ports.ts';
import type { Rules } from '../rules/rules.ts';
import type { Poison } from '../storage/poison.ts';
import { auditOperations, createAuditApi } from './audit.ts';
import { createAuthenticateCaller } from './authenticate-caller.ts';
import type { Authorize } from './authorize.ts';
import { callerOperations, createCallersApi } from './callers.ts';
import { connectionOperations, createConnectionsApi } from './connections.ts';
import { consentLinkOperations, createConsentLinksApi } from './consent-links.ts';
import { createHealthApi, healthOperations } from './health.ts';
import { createJobsApi, jobOperations } from './jobs.ts';
import { createMetadata, metadataOperations } from './metadata.ts';
import { createTokenEndpoint, tokenOperations } from './oauth-token.ts';
import { createOpenApi } from './openapi.ts';
import { createOperationsApi, operationOperations } from './operations.ts';
import { createPoisonApi, poisonOperations } from './poison.ts';
import { createPoliciesApi, policyOperations } from './policies.ts';
import { createPolicyExplain, policyExplainOperations } from './policy-explain.ts';
import { createRulesApi, ruleOperations } from './rules.ts';
import { createRunsApi, runOperations } from './runs.ts';
import { createSessionApi, sessionOperations } from './session.ts';
import { createSubscriptionsApi, subscriptionOperations } from './subscriptions.ts';

export interface ApiDeps {
  readonly config: Config;
  readonly broker: Broker;
  readonly jobs: Jobs;
  readonly rules: Rules;
  readonly poison: Poison;
  readonly authorize: Authorize;
  readonly ports: Ports;
}

export type Api = ReturnType<typeof createApi>;

/** The whole HTTP surface for callers and scripts, one group of handlers for each kind of thing. */
export function createApi({ config, broker, jobs, rules, poison, authorize, ports }: ApiDeps) {
  const { publicUrl } = config;
  const { audit, callers, connections, consentLinks, oidcCallers, policies, issueToken } = broker;
  const common = { audit, authorize, publicUrl, ports };
  const authenticate = createAuthenticateCaller({ callers, oidcCallers });
  const operations = [
    ...tokenOperations,
    ...metadataOperations,
    ...sessionOperations,
    ...connectionOperations,
    ...callerOperations,
    ...policyOperations,
    ...policyExplainOperations,
    ...consentLinkOperations,
    ...jobOperations,
    ...runOperations,
    ...ruleOperations,
    ...operationOperations,
    ...subscriptionOperations,
    ...poisonOperations,
    ...auditOperations,
    ...healthOperations,
  ];
  return {
    token: createTokenEndpoint({ authenticate, issueToken, audit, ports }),
    metadata: createMetadata({ publicUrl, ports }),
    openApi: createOpenApi({ operations, publicUrl, version, ports }),
    health: createHealthApi({ ready: broker.ready, ports }),
    session: createSessionApi({ authorize, ports }),
    connections: createConnectionsApi({ broker, ...common }),
    callers: createCallersApi({ callers, ...common }),
    policies: createPoliciesApi({ policies, callers, oidcCallers, ...common }),
    explain: createPolicyExplain({ policies, connections, oidcCallers, authorize, ports }),
    consentLinks: createConsentLinksApi({ consentLinks, ...common }),
    jobs: createJobsApi({ jobs, ...common }),
    runs: createRunsApi({ jobs, ...common }),
    rules: createRulesApi({ rules, ...common }),
    operations: createOperationsApi({ rules, ...common }),
    subscriptions: createSubscriptionsApi({ rules, ...common }),
    poison: createPoisonApi({ poison, ...common }),
    audit: createAuditApi(common),
  };
}
