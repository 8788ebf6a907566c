import { isAppError } from '../../errors.ts';
import { eventHolds, type FeedTime } from '../event.ts';
import type { FolderFinder } from '../folder-finder.ts';
import type { RuleMemory } from '../guards/memory.ts';
import { isOwnResult, isOwnWrite } from '../guards/own-actor.ts';
import type { FileFacts, ItemFacts } from '../item-facts.ts';
import type { Problem } from '../journal/operation.ts';
import { evaluate, mayMatch } from '../match.ts';
import { operationProblem } from '../operate/operation-message.ts';
import { type PlannedStep, planSteps } from '../plan-steps.ts';
import type { StoredRule } from '../rule.ts';

/** A file that a rule is to do something with. */
export interface Match {
  readonly rule: StoredRule;
  readonly item: ItemFacts;
  readonly steps: readonly PlannedStep[];
  /** Why it can't be done, known already. */
  readonly problem?: Problem | undefined;
}

export interface FindMatchesDeps {
  readonly memory: RuleMemory;
  readonly finder: FolderFinder;
  /** Client id of this app. */
  readonly appId: string;
}

/**
 * Which rules are to do what with which of these files: conditions, event and the guards against a rule's own results. A file
 * that already is as the rule wants it is left alone. Reads, and changes nothing.
 */
export async function findMatches(
  deps: FindMatchesDeps,
  rules: readonly StoredRule[],
  files: Iterable<FileFacts>,
  time: FeedTime,
): Promise<Match[]> {
  const matches: Match[] = [];
  for (const file of files) {
    for (const rule of rules) {
      const match = await matchOf(deps, rules, rule, file, time);
      if (match) matches.push(match);
    }
  }
  return matches;
}

async function matchOf(
  { memory, finder, appId }: FindMatchesDeps,
  rules: readonly StoredRule[],
  rule: StoredRule,
  file: FileFacts,
  time: FeedTime,
): Promise<Match | undefined> {
  const { definition } = rule;
  // Cheap questions first: most files of a busy drive are none of the rule's business.
  if (!mayMatch(definition, file) || !eventHolds(rule, file, false, time)) return undefined;
  if (definition.when.event === 'changed' && !definition.reactToSelf && isOwnWrite(file, appId)) {
    return undefined;
  }
  const folder = await finder.pathOf(file.parentId);
  if (folder === undefined) return undefined;
  const item: ItemFacts = { ...file, folder };
  if (!evaluate(definition, item).matched) return undefined;
  if (!definition.reactToSelf && isOwnResult(item, appId, rules)) return undefined;

  const seen = { rule: definition.name, driveId: rule.driveId, itemId: file.id, eTag: file.eTag };
  if (await memory.isEcho(seen)) return undefined;
  if (!eventHolds(rule, file, await memory.firedBefore(seen), time)) return undefined;
  return toMatch(rule, item);
}

/** What a rule wants of a file that fits; undefined when all is so already. */
export function toMatch(rule: StoredRule, item: ItemFacts): Match | undefined {
  try {
    const { steps } = planSteps(rule.definition.actions, item);
    return steps.length === 0 ? undefined : { rule, item, steps };
  } catch (error) {
    // A template that makes no name of this file: one file's trouble, not the rule's.
    if (!isAppError(error)) throw error;
    return { rule, item, steps: [], problem: operationProblem(error) };
  }
}
