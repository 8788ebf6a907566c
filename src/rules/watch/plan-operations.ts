import type { Ports } from '../../ports.ts';
import type { Queue } from '../../storage/queue.ts';
import type { RuleMemory } from '../guards/memory.ts';
import type { Journal, NewOperation } from '../journal/journal.ts';
import type { OperationMessage } from '../operate/operation-message.ts';
import type { Match } from './find-matches.ts';

export interface PlanOperationsDeps {
  readonly memory: RuleMemory;
  readonly journal: Journal;
  readonly operations: Queue<OperationMessage>;
  readonly ports: Ports;
}

const atOnce = 8;

/**
 * Writes down what is to be done and sends it on its way; returns the ids of the operations that are to be done. Harmless
 * when it is done again for the same matches: the journal keeps one operation for each state of a file.
 */
export async function planOperations(deps: PlanOperationsDeps, matches: readonly Match[]): Promise<string[]> {
  const ids: string[] = [];
  for (let from = 0; from < matches.length; from += atOnce) {
    const made = await Promise.all(matches.slice(from, from + atOnce).map((match) => plan(deps, match)));
    for (const id of made) if (id !== undefined) ids.push(id);
  }
  return ids;
}

async function plan(deps: PlanOperationsDeps, match: Match): Promise<string | undefined> {
  const { memory, journal, operations, ports } = deps;
  const { rule, item } = match;
  const { name, connection } = rule.definition;
  const fired = await memory.fire({
    rule: name,
    driveId: rule.driveId,
    itemId: item.id,
    eTag: item.eTag,
    ruleVersion: rule.version,
  });
  if (fired === 'ignore') return undefined;

  const wanted: NewOperation = {
    rule: name,
    ruleVersion: rule.version,
    connection,
    driveId: rule.driveId,
    itemId: item.id,
    eTag: item.eTag,
    name: item.name,
    folder: item.folder,
    steps: match.steps.map((step) => ({ ...step, state: 'planned' as const })),
  };
  if (fired === 'quarantine') {
    ports.log.warn('item_quarantined', { rule: name, itemId: item.id });
    const message =
      'The rule fired four times within ten minutes for this file and leaves it alone until the rule is saved again.';
    await journal.plan({ ...wanted, state: 'skipped', problem: { code: 'quarantined', message } });
    return undefined;
  }
  if (match.problem) {
    await journal.plan({ ...wanted, state: 'failed', problem: match.problem });
    return undefined;
  }
  const { operation, isNew } = await journal.plan(wanted);
  // `again` and not begun: the process that wrote it down may have died before it sent the message.
  if (!isNew && operation.state !== 'planned') return undefined;
  await operations.send({ id: operation.id });
  return operation.id;
}
