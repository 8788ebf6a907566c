import { conditionNamed } from './conditions/index.ts';
import { openEntry } from './entry.ts';
import type { Operation, Step } from './journal/operation.ts';
import { requireAction } from './plan-steps.ts';
import type { StoredRule } from './rule.ts';
import { targetWords } from './rule-target.ts';
import { joinFolder } from './text/folder.ts';
import type { Subscription } from './watch/subscription-store.ts';
import type { Watch } from './watch/watch-store.ts';

/** How changes are noticed: told by Microsoft until `until` (milliseconds since 1970), or looked for from time to time. */
export interface Watching {
  readonly by: 'notification' | 'polling' | 'nothing';
  readonly until?: number | undefined;
}

export function watchingOf(subscription: Subscription | undefined): Watching {
  if (!subscription || subscription.state === 'creating') return { by: 'nothing' };
  if (subscription.state === 'polling') return { by: 'polling' };
  return { by: 'notification', until: subscription.expiresAt };
}

/** A rule in words, as the console shows it. */
export function ruleInWords(rule: StoredRule, watch: Watch | undefined) {
  const { definition } = rule;
  const problem = rule.held ?? lastingProblem(watch);
  const { when } = definition;
  const names = when.name === undefined ? undefined : [when.name].flat().join(' or ');
  return {
    name: definition.name,
    enabled: definition.enabled,
    connection: definition.connection,
    target: targetWords(definition.target, rule.driveName),
    when: { event: when.event, folder: when.folder, ...(names === undefined ? {} : { name: names }) },
    conditions: definition.conditions.map((entry) => {
      const [name, input] = openEntry(entry);
      return conditionNamed(name)?.sentence(input) ?? name;
    }),
    actions: definition.actions.map((entry) => {
      const [name, input] = openEntry(entry);
      return { verb: name, to: requireAction(name).target(input) };
    }),
    ...(problem ? { problem: { code: problem.code, message: problem.message } } : {}),
  };
}

/** What keeps the drive from being read, unless it ends by itself. */
function lastingProblem(watch: Watch | undefined): Watch['problem'] {
  const passes = watch?.problem?.code === 'throttled' || watch?.problem?.code === 'upstream_unavailable';
  return passes ? undefined : watch?.problem;
}

/** An operation as one line. */
export function operationInWords(operation: Operation) {
  const { steps, problem } = operation;
  const last = steps.findLast(({ after }) => after)?.after;
  return {
    id: operation.id,
    state: operation.state,
    verb: verbsOf(steps),
    item: operation.name,
    from: joinFolder(operation.folder, operation.name),
    ...(last ? { to: joinFolder(last.folder, last.name) } : {}),
    at: operation.updatedAt,
    ...(problem ? { error: problem } : {}),
  };
}

function verbsOf(steps: readonly Step[]): string {
  return steps.map(({ action }) => action).join(', ') || 'nothing';
}

export type RuleInWords = ReturnType<typeof ruleInWords> & {
  readonly watching: Watching;
  /** Newest first. */
  readonly operations: readonly ReturnType<typeof operationInWords>[];
};
