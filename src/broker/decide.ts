import { type CallerIdentity, matchesCaller, matchesConnection, type Policy } from './policy.ts';
import { allScopes, scopesBeyond } from './scopes.ts';

export interface Ask {
  readonly caller: CallerIdentity;
  /** What the named audience is; undefined when there is no such connection. */
  readonly connection: { readonly id: string; readonly alias: string } | undefined;
  /** Empty: whatever the policy grants. */
  readonly scopes: readonly string[];
  readonly minTtlSeconds: number;
}

export type Decision =
  | { readonly outcome: 'granted'; readonly policy: Policy; readonly scopes: readonly string[] }
  | {
      readonly outcome: 'refused';
      readonly reason: 'no_such_connection' | 'no_policy' | 'scope_beyond_policy' | 'min_ttl_beyond_policy';
      /** The policies that came nearest, for the audit. */
      readonly policy?: Policy;
    };

/** The longest remaining life that may be asked for where the policy doesn't say: below an hour, what Entra gives. */
const defaultMaxTtlSeconds = 3_300;

/**
 * One policy alone must grant everything that is asked: grants of several policies are never added up. Where several
 * do, the first by name counts. Nothing is narrowed silently.
 */
export function decide(ask: Ask, policies: readonly Policy[]): Decision {
  const ofCaller = policies
    .filter((policy) => matchesCaller(policy, ask.caller))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  const { connection } = ask;
  if (!connection) return { outcome: 'refused', reason: 'no_such_connection' };

  const candidates = ofCaller.filter((policy) => matchesConnection(policy, connection));
  const [nearest] = candidates;
  if (!nearest) return { outcome: 'refused', reason: 'no_policy' };

  const covering = candidates.filter((policy) => coversScopes(policy, ask.scopes));
  const [widest] = covering;
  if (!widest) return { outcome: 'refused', reason: 'scope_beyond_policy', policy: nearest };

  const granting = covering.find(
    (policy) => ask.minTtlSeconds <= (policy.grant.maxTtlSeconds ?? defaultMaxTtlSeconds),
  );
  if (!granting) return { outcome: 'refused', reason: 'min_ttl_beyond_policy', policy: widest };

  const asked = ask.scopes.filter((scope) => scope !== allScopes);
  return { outcome: 'granted', policy: granting, scopes: asked.length > 0 ? asked : granting.grant.scopes };
}

/** `.default` from a caller means "what the policy grants", so it is always covered. */
function coversScopes(policy: Policy, scopes: readonly string[]): boolean {
  return (
    scopesBeyond(
      scopes.filter((scope) => scope !== allScopes),
      policy.grant.scopes,
    ).length === 0
  );
}
