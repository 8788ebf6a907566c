import { isAppError } from '../../errors.ts';
import type { Ports } from '../../ports.ts';
import { whileRenewing } from '../../storage/while-renewing.ts';
import type { Outcome } from '../actions/action.ts';
import type { RuleMemory } from '../guards/memory.ts';
import type { ItemFacts } from '../item-facts.ts';
import type { Held, Journal } from '../journal/journal.ts';
import type { Operation, Place, Step } from '../journal/operation.ts';
import { evaluate } from '../match.ts';
import { planSteps, requireAction } from '../plan-steps.ts';
import { isActive, type StoredRule } from '../rule.ts';
import type { RuleStore } from '../rule-store.ts';
import { createHold, type Hold, renewEveryMs } from './hold.ts';
import type { ItemWriter } from './item-writer.ts';

export interface PerformDeps {
  readonly rules: RuleStore;
  readonly journal: Journal;
  readonly memory: RuleMemory;
  readonly writer: ItemWriter;
  readonly ports: Ports;
}

/** How often a file may be changed by somebody else under our hands before the operation waits for quieter times. */
const patience = 3;

/**
 * Takes the operation and does what is left of it, writing down each step before and after. What a dead process may have
 * done is looked at first. Throws `precondition_failed` with `details.journal` when somebody else has the operation, and
 * what Graph throws.
 */
export async function performSteps(deps: PerformDeps, taken: Held): Promise<void> {
  const hold = createHold(deps, taken);
  await hold.keep(taken.operation.steps);
  await whileRenewing(renewEveryMs, hold.renew, () => doSteps(deps, hold));
}

async function doSteps(deps: PerformDeps, hold: Hold): Promise<void> {
  const { memory, writer } = deps;
  const { keep, end } = hold;
  const rule = await deps.rules.get(hold.operation().rule);
  const begun = () => hold.operation().steps.some(({ state }) => state !== 'planned');
  if (!begun() && !isSameRule(rule, hold.operation())) {
    return end('skipped', 'rule_changed', 'The rule was changed, held or removed before this was done.');
  }

  let disturbed = 0;
  for (let at = 0; at < hold.operation().steps.length; ) {
    const operation = hold.operation();
    const step = operation.steps[at];
    if (!step || step.state === 'done') {
      at += 1;
      continue;
    }
    const item = await writer.read(operation.itemId);
    if (!item && step.state === 'acting' && requireAction(step.action).takesAway) {
      // The process died after it had done this.
      await keep(operation.steps.map((one, i) => (i === at ? { ...one, state: 'done' as const } : one)));
      continue;
    }
    const someDone = operation.steps.some(({ state }) => state === 'done');
    if (!item)
      return end(someDone ? 'failed' : 'skipped', 'item_gone', 'The file is gone, or is no file any more.');

    // Nothing of it was written yet, and the file is not what the rule fired for: the rule is asked once more.
    if (!begun() && item.eTag !== operation.eTag) {
      const steps = rule ? replan(rule, item) : undefined;
      if (!steps)
        return end('skipped', 'no_longer_matches', 'The file was changed and the rule no longer fits.');
      if (steps.length === 0)
        return end('skipped', 'nothing_to_do', 'The file already is as the rule wants it.');
      if (!sameSteps(steps, operation.steps)) {
        await keep(steps);
        continue;
      }
    }

    const action = requireAction(step.action);
    const replaced = (next: Step) => hold.operation().steps.map((one, i) => (i === at ? next : one));
    const finish = async (before: Place | undefined, outcome: Outcome, wrote: boolean) => {
      const { item: after } = outcome;
      if (wrote && after) {
        const { rule: name, driveId } = operation;
        await memory.addEcho({ rule: name, driveId, itemId: after.id, eTag: after.eTag });
      }
      const known = wrote && before && after ? action.inverse?.({ ...item, ...before }, after) : undefined;
      const inverse = outcome.inverse ?? known;
      await keep(
        replaced({
          ...step,
          state: 'done',
          ...(after ? { after: placeOf(after) } : {}),
          ...(before ? { before } : {}),
          ...(inverse ? { inverse } : {}),
        }),
      );
    };

    const began = step.state === 'acting';
    // Already so: by the process that died after it had written, or by somebody else.
    const found = action.find
      ? await action.find(item, step.wanted, writer, began)
      : action.expected(item, step.wanted) === item && { item };
    if (found) {
      await finish(step.before, found, began);
      continue;
    }
    if (began) {
      // The process died before it wrote.
      await keep(replaced(unbegun(step)));
      continue;
    }
    const before = placeOf(item);
    await keep(replaced({ ...step, state: 'acting', before }));
    try {
      await finish(before, await action.apply(item, step.wanted, writer), true);
    } catch (error) {
      if (isAppError(error) && error.details?.journal === true) throw error;
      if (!isAppError(error, 'precondition_failed')) {
        // Refused, so not done: the next try must not take it for the leavings of a dead process.
        if (isRefusal(error)) await keep(replaced(unbegun(step)));
        throw error;
      }
      disturbed += 1;
      if (disturbed >= patience) throw error;
      // Not written: when this was the first step, the rule is asked again.
      await keep(replaced(unbegun(step)));
    }
  }
  await end('done');
}

function isSameRule(rule: StoredRule | undefined, operation: Operation): boolean {
  return rule !== undefined && isActive(rule) && rule.version === operation.ruleVersion;
}

function replan({ definition }: StoredRule, item: ItemFacts): Step[] | undefined {
  if (!evaluate(definition, item).matched) return undefined;
  return planSteps(definition.actions, item).steps.map((step) => ({ ...step, state: 'planned' as const }));
}

function sameSteps(a: readonly Step[], b: readonly Step[]): boolean {
  const text = (steps: readonly Step[]) =>
    JSON.stringify(steps.map(({ action, wanted }) => [action, wanted]));
  return text(a) === text(b);
}

/** True for an answer; silence leaves open whether it was done. */
function isRefusal(error: unknown): boolean {
  return isAppError(error) && error.code !== 'upstream_unavailable' && error.code !== 'storage_unavailable';
}

function unbegun({ action, wanted, words }: Step): Step {
  return { action, wanted, words, state: 'planned' };
}

export function placeOf({ name, folder, parentId, eTag }: ItemFacts): Place {
  return { name, folder, parentId, eTag };
}
