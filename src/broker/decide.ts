import { type Ask, type Failure, judge, type RefusalReason, speaksOf } from './judge.ts';
import type { Policy } from './policy.ts';
import { allScopes } from './scopes.ts';

/** What a policy in audit mode would have said. */
export interface Trial {
  readonly policy: Policy;
  readonly outcome: 'granted' | 'refused';
}

export type Decision =
  | {
      readonly outcome: 'granted';
      readonly policy: Policy;
      readonly scopes: readonly string[];
      readonly minTtlSeconds: number;
      readonly trials: readonly Trial[];
    }
  | {
      readonly outcome: 'refused';
      readonly reason: RefusalReason;
      /** The policy that came nearest, where one speaks of this caller and connection. */
      readonly policy?: Policy;
      readonly failure?: Failure;
      readonly trials: readonly Trial[];
    };

/**
 * One policy alone must grant everything that is asked: grants of several policies are never added up. Where several
 * do, the first by name counts. Nothing is narrowed silently, and a policy in audit mode decides nothing.
 */
export function decide(ask: Ask, policies: readonly Policy[]): Decision {
  const trials = policies
    .filter((policy) => isTried(policy, ask.now) && speaksOf(policy, ask))
    .map((policy): Trial => ({ policy, outcome: judge(policy, ask).failure ? 'refused' : 'granted' }));

  let nearest: ({ readonly policy: Policy } & ReturnType<typeof judge>) | undefined;
  for (const policy of policies) {
    if (policy.mode !== 'enforce') continue;
    const judged = { policy, ...judge(policy, ask) };
    if (!nearest || comesBefore(judged, nearest)) nearest = judged;
  }

  if (!ask.connection) return { outcome: 'refused', reason: 'no_such_connection', trials };
  if (!nearest) return { outcome: 'refused', reason: 'no_policy', trials };
  const { policy, failure } = nearest;
  if (failure) {
    const speaks = failure.reason !== 'no_policy';
    return { outcome: 'refused', reason: failure.reason, failure, trials, ...(speaks ? { policy } : {}) };
  }
  const asked = ask.scopes.filter((scope) => scope !== allScopes);
  return {
    outcome: 'granted',
    policy,
    scopes: asked.length > 0 ? asked : policy.grant.scopes,
    minTtlSeconds: Math.max(ask.minTtlSeconds, policy.grant.minTtlSeconds ?? 0),
    trials,
  };
}

function isTried({ mode, auditUntil }: Policy, now: number): boolean {
  return mode === 'audit' && auditUntil !== undefined && Date.parse(auditUntil) > now;
}

function comesBefore(
  a: { readonly policy: Policy; readonly passed: number },
  b: { readonly policy: Policy; readonly passed: number },
): boolean {
  return a.passed > b.passed || (a.passed === b.passed && a.policy.name < b.policy.name);
}
