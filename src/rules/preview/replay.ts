import { AppError } from '../../errors.ts';
import type { GraphFor } from '../../graph/graph-client.ts';
import type { Ports } from '../../ports.ts';
import type { Queue } from '../../storage/queue.ts';
import type { RuleMemory } from '../guards/memory.ts';
import type { Journal } from '../journal/journal.ts';
import { evaluate, mayMatch } from '../match.ts';
import type { OperationMessage } from '../operate/operation-message.ts';
import { isActive } from '../rule.ts';
import type { RuleStore } from '../rule-store.ts';
import { type Match, toMatch } from '../watch/find-matches.ts';
import { planOperations } from '../watch/plan-operations.ts';
import { listFiles } from './list-files.ts';

export interface ReplayDeps {
  readonly rules: RuleStore;
  readonly memory: RuleMemory;
  readonly journal: Journal;
  readonly operations: Queue<OperationMessage>;
  readonly graphFor: GraphFor;
  readonly ports: Ports;
}

export interface Replayed {
  /** Files of the rule's folder that were looked at. */
  readonly looked: number;
  readonly complete: boolean;
  /** Ids of the operations that are on their way. */
  readonly operations: readonly string[];
}

const mostFiles = 2_000;

/**
 * Lets a rule meet the files of its folder that were created (or changed, where it fires for changes) since a time: for what
 * came while it was held, off, or not there yet. What it did already for a state of a file is not done again. The number of
 * files is the asker's to decide, so no bulk limit applies. Throws `not_found`, and `conflict` for a rule that stands still.
 */
export function createReplay(deps: ReplayDeps): (name: string, since: number) => Promise<Replayed> {
  return async (name, since) => {
    const rule = await deps.rules.get(name);
    if (!rule) throw new AppError('not_found', 'There is no such rule.');
    if (!isActive(rule)) {
      throw new AppError('conflict', 'The rule is off or held: save it as enabled, then replay.');
    }
    const { definition, driveId } = rule;
    const client = await deps.graphFor(definition.connection, 'interactive');
    const { files, complete } = await listFiles(client, driveId, definition.when, mostFiles);
    const matches: Match[] = [];
    for (const item of files) {
      const at = definition.when.event === 'created' ? item.createdAt : item.modifiedAt;
      if (at < since || !mayMatch(definition, item) || !evaluate(definition, item).matched) continue;
      const seen = { rule: name, driveId, itemId: item.id, eTag: item.eTag };
      if (await deps.memory.isEcho(seen)) continue;
      const match = toMatch(rule, item);
      if (match) matches.push(match);
    }
    return { looked: files.length, complete, operations: await planOperations(deps, matches) };
  };
}
