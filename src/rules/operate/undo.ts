import { AppError, isAppError } from '../../errors.ts';
import type { GraphFor } from '../../graph/graph-client.ts';
import type { Ports } from '../../ports.ts';
import type { RuleMemory } from '../guards/memory.ts';
import type { Journal } from '../journal/journal.ts';
import type { Operation, Step } from '../journal/operation.ts';
import { createGraphItemWriter } from './graph-item-writer.ts';
import type { ItemWriter } from './item-writer.ts';
import { takeBack } from './take-back.ts';

export interface UndoDeps {
  readonly journal: Journal;
  readonly memory: RuleMemory;
  readonly graphFor: GraphFor;
  readonly ports: Ports;
  readonly writerFor?: (connection: string, driveId: string) => Promise<ItemWriter>;
}

const leaseMs = 30_000;

/** True while something that the operation did can be taken back. */
export function isUndoable({ state, steps }: Operation): boolean {
  const ended = state === 'done' || state === 'failed' || state === 'skipped';
  return ended && steps.some(canBeTakenBack);
}

/**
 * Takes back what an operation did, the last step first. Nothing that somebody did to the file since is undone with it: then it
 * throws `conflict` and says what is in the way. Asked again after a failure or a kill it goes on where it ended. Throws
 * `not_found` for an unknown id, and `conflict` for an operation that did nothing or that is being undone now.
 */
export function createUndo(deps: UndoDeps): (id: string, by: string) => Promise<Operation> {
  const { journal, memory, ports } = deps;
  const writerFor =
    deps.writerFor ??
    (async (connection: string, driveId: string) =>
      createGraphItemWriter(await deps.graphFor(connection, 'interactive'), driveId, ports.fetch));

  return async (id, by) => {
    const found = await journal.get(id);
    if (!found) throw new AppError('not_found', 'There is no such operation.');
    let held = found;
    if (held.operation.state === 'undone') return held.operation;
    if (!isUndoable(held.operation)) {
      throw new AppError('conflict', 'This operation did nothing that can be taken back.');
    }
    if ((held.operation.undo?.leaseUntil ?? 0) > ports.clock()) {
      throw new AppError('conflict', 'Somebody is undoing this operation now.', {
        retryable: true,
        retryAfter: 30,
      });
    }
    const save = async (steps: Step[], state?: 'undone') => {
      const now = ports.clock();
      const undo = { by, at: now, leaseUntil: state === undefined ? now + leaseMs : 0 };
      held = await journal.save(held, { ...held.operation, steps, undo, ...(state ? { state } : {}) });
    };
    await save(held.operation.steps);

    try {
      const { connection, driveId, rule, itemId } = held.operation;
      const writer = await writerFor(connection, driveId);
      for (let at = held.operation.steps.length - 1; at >= 0; at -= 1) {
        const step = held.operation.steps[at];
        if (!step || !canBeTakenBack(step)) continue;
        const after = await takeBack(step, itemId, writer);
        if (after) await memory.addEcho({ rule, driveId, itemId, eTag: after.eTag });
        await save(held.operation.steps.map((one, i) => (i === at ? { ...one, undone: true } : one)));
      }
      await save(held.operation.steps, 'undone');
      return held.operation;
    } catch (error) {
      if (!isAppError(error, 'storage_unavailable')) await letGo();
      throw error;
    }

    /** The next try needs not wait until this one's time is over. */
    async function letGo(): Promise<void> {
      const now = await journal.get(id);
      if (!now?.operation.undo) return;
      await journal.save(now, { ...now.operation, undo: { ...now.operation.undo, leaseUntil: 0 } });
    }
  };
}

function canBeTakenBack(step: Step): boolean {
  return step.inverse !== undefined && step.undone !== true;
}
