import { isAppError } from '../../errors.ts';
import type { GraphFor } from '../../graph/graph-client.ts';
import type { Ports } from '../../ports.ts';
import type { Queue } from '../../storage/queue.ts';
import type { RuleMemory } from '../guards/memory.ts';
import type { Held, Journal } from '../journal/journal.ts';
import { isOpen, type Operation } from '../journal/operation.ts';
import type { RuleStore } from '../rule-store.ts';
import { createGraphItemWriter } from './graph-item-writer.ts';
import type { ItemWriter } from './item-writer.ts';
import { type OperationMessage, operationProblem } from './operation-message.ts';
import { performSteps } from './perform-steps.ts';
import { retryOf } from './retry.ts';

export interface OperateDeps {
  readonly rules: RuleStore;
  readonly journal: Journal;
  readonly memory: RuleMemory;
  readonly queue: Queue<OperationMessage>;
  readonly graphFor: GraphFor;
  readonly ports: Ports;
  /** Where the files are; Graph unless a test puts something in between. */
  readonly writerFor?: (connection: string, driveId: string) => Promise<ItemWriter>;
}

/**
 * Works on one operation: message of the queue `operations`. Safe to be called twice, at once or after a kill: who writes
 * `acting` first has it, and what was half done is looked at before it is done again.
 */
export function createOperate(deps: OperateDeps): (message: OperationMessage) => Promise<void> {
  const { journal, queue, ports } = deps;
  const writerFor =
    deps.writerFor ??
    (async (connection: string, driveId: string) =>
      createGraphItemWriter(await deps.graphFor(connection, 'rules'), driveId, ports.fetch));

  async function onFailure(id: string, error: unknown): Promise<void> {
    const retry = retryOf(error, 1);
    if (retry.kind === 'redeliver') throw error;
    const held = await journal.get(id);
    if (!held || !isOpen(held.operation)) return;
    const attempts = held.operation.attempts + 1;
    const next = retryOf(error, attempts);
    const problem = operationProblem(error);
    const { leaseUntil: _lease, notBefore: _wait, ...rest } = held.operation;
    ports.log.warn('operation_not_done', {
      id,
      rule: rest.rule,
      code: problem.code,
      attempts,
      detail: isAppError(error) ? error.detail : undefined,
      errorType: error instanceof Error ? error.name : typeof error,
    });
    if (next.kind !== 'later') {
      await journal.save(held, { ...rest, state: 'failed', attempts, problem });
      return;
    }
    const notBefore = ports.clock() + next.delaySeconds * 1000;
    await journal.save(held, { ...rest, state: 'planned', attempts, problem, notBefore });
    await queue.send({ id }, { delaySeconds: next.delaySeconds });
  }

  /** Seconds to wait when the operation is not to be touched yet. */
  function waitOf({ state, leaseUntil = 0, notBefore = 0 }: Operation): number {
    const until = Math.max(state === 'acting' ? leaseUntil : 0, notBefore);
    // Queues count whole seconds, and clocks differ: a message that is nearly due is due.
    return until - ports.clock() > 1_500 ? Math.ceil((until - ports.clock()) / 1000) : 0;
  }

  async function work(held: Held): Promise<void> {
    const { operation } = held;
    const writer = await writerFor(operation.connection, operation.driveId);
    await performSteps({ ...deps, writer }, held);
  }

  return async ({ id }) => {
    const held = await journal.get(id);
    if (!held || !isOpen(held.operation)) return;
    const wait = waitOf(held.operation);
    if (wait > 0) {
      // After a kill the message comes back before the dead holder's time is over.
      if (held.operation.state === 'acting') await queue.send({ id }, { delaySeconds: wait });
      return;
    }
    try {
      await work(held);
    } catch (error) {
      if (isAppError(error, 'precondition_failed') && error.details?.journal === true) return;
      await onFailure(id, error);
    }
  };
}
