/** A unit of work ends by itself after this time, and what is left is another message. */
export const unitMs = 60_000;

/** This worker is a late one: somebody else does the same work, or ended it. Its message is dropped. */
export class LateWorker extends Error {}

/** The row that was saved; throws `LateWorker` when somebody else was faster. */
export function orLate<R>(saved: R | undefined): R {
  if (saved === undefined) throw new LateWorker('another worker has this run');
  return saved;
}
