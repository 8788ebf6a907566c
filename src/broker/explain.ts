import { type Decision, decide } from './decide.ts';
import { type Ask, type Failure, failuresOf, judge } from './judge.ts';
import type { Policy } from './policy.ts';

/** What one policy says to an ask, member by member. */
export interface Explained {
  readonly policy: Policy;
  /** Empty: it grants all that is asked. */
  readonly failures: readonly Failure[];
}

/** The decision that would be made now, and why each policy would or would not grant it; the nearest first. */
export function explain(
  ask: Ask,
  policies: readonly Policy[],
): { readonly decision: Decision; readonly policies: readonly Explained[] } {
  const explained = policies
    .map((policy) => ({ policy, failures: failuresOf(policy, ask), passed: judge(policy, ask).passed }))
    .sort((a, b) => b.passed - a.passed || (a.policy.name < b.policy.name ? -1 : 1))
    .map(({ policy, failures }) => ({ policy, failures }));
  return { decision: decide(ask, policies), policies: explained };
}
