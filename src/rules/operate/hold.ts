import { AppError, isAppError } from '../../errors.ts';
import type { Ports } from '../../ports.ts';
import { createRowWriter } from '../../storage/row-writer.ts';
import type { Held, Journal } from '../journal/journal.ts';
import { ended, type Operation, type Step } from '../journal/operation.ts';

/** An operation that this process has, as it was last written down. */
export interface Hold {
  operation(): Operation;
  /** Throws `precondition_failed` with `details.journal` when somebody else has the operation; so does `end`. */
  keep(steps: Step[]): Promise<void>;
  end(state: 'done' | 'failed' | 'skipped', code?: string, message?: string): Promise<void>;
  /** Says that this process is still at it; what goes wrong with it shows at the next `keep` or `end`. */
  renew(): Promise<void>;
}

/** A process that holds an operation for longer than this without a word is taken for dead. */
export const operationLeaseMs = 15_000;
export const renewEveryMs = 5_000;

export function createHold(deps: { readonly journal: Journal; readonly ports: Ports }, taken: Held): Hold {
  const { journal, ports } = deps;
  const row = createRowWriter();
  let held = taken;

  async function save(change: (operation: Operation) => Operation): Promise<void> {
    try {
      held = await journal.save(held, change(held.operation));
    } catch (error) {
      if (!isAppError(error, 'precondition_failed')) throw error;
      throw new AppError('precondition_failed', 'Somebody else works on this operation.', {
        cause: error,
        details: { journal: true },
      });
    }
  }
  const acting = (operation: Operation): Operation => ({
    ...operation,
    state: 'acting',
    leaseUntil: ports.clock() + operationLeaseMs,
  });

  return {
    operation: () => held.operation,
    keep: (steps) => row.write(() => save((operation) => acting({ ...operation, steps }))),
    end: (state, code, message) =>
      row.write(() =>
        save((operation) =>
          ended(operation, state, code === undefined ? undefined : { code, message: message ?? code }),
        ),
      ),
    renew: () =>
      row.renew(async () => {
        if (held.operation.state === 'acting') await save(acting);
      }),
  };
}
