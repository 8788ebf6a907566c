import { createInTurn } from './in-turn.ts';

/** The writes of one row by the worker that holds it, one after the other, because each needs the ETag of the one before. */
export interface RowWriter {
  write(work: () => Promise<void>): Promise<void>;
  /** Never rejects. One that failed may have lost the ETag, so every later write throws what it threw. */
  renew(work: () => Promise<void>): Promise<void>;
}

export function createRowWriter(): RowWriter {
  const inTurn = createInTurn();
  let failure: unknown;

  return {
    write: (work) =>
      inTurn(async () => {
        if (failure !== undefined) throw failure;
        await work();
      }),
    renew: (work) =>
      inTurn(async () => {
        if (failure !== undefined) return;
        await work().catch((error: unknown) => {
          failure = error;
        });
      }),
  };
}
