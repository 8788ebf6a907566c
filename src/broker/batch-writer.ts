/** One row that waits to be written. */
export interface Waiting<T> {
  readonly partition: string;
  readonly row: string;
  readonly value: T;
}

/**
 * Writes rows one batch at a time: whatever arrives while a batch is on its way goes with the next one. The promise of
 * a row settles when its own batch is written, so nothing is reported before it is stored.
 */
export function createBatchWriter<T>(
  write: (partition: string, rows: readonly Waiting<T>[]) => Promise<void>,
  mostRows = 100,
): (row: Waiting<T>) => Promise<void> {
  type Entry = Waiting<T> & { readonly done: () => void; readonly failed: (error: unknown) => void };
  let queue: Entry[] = [];
  let writing = false;

  async function drain(): Promise<void> {
    while (queue[0]) {
      const { partition } = queue[0];
      const batch = queue.filter((entry) => entry.partition === partition).slice(0, mostRows);
      const taken = new Set(batch);
      queue = queue.filter((entry) => !taken.has(entry));
      try {
        await write(partition, batch);
        for (const entry of batch) entry.done();
      } catch (error) {
        for (const entry of batch) entry.failed(error);
      }
    }
    writing = false;
  }

  return (row) =>
    new Promise<void>((done, failed) => {
      queue.push({ ...row, done, failed });
      if (writing) return;
      writing = true;
      // After this turn of the loop, so that what arrives together is written together.
      queueMicrotask(() => void drain());
    });
}
