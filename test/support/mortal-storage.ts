import type { createTestStorage } from './jobs-world.ts';

type TestStorage = ReturnType<typeof createTestStorage>;

/** How many writes a process does before it is killed; from then on nothing that it does counts any more. */
export interface Life {
  writesLeft: number;
}

/** The storage of a process that may be killed between any two of its writes. */
export function mortalStorage(real: TestStorage, life: Life): TestStorage {
  function act(): void {
    life.writesLeft -= 1;
    if (life.writesLeft < 0) throw new Error('killed');
  }
  const after =
    <A extends readonly unknown[], R>(work: (...given: A) => Promise<R>) =>
    async (...given: A): Promise<R> => {
      act();
      return work(...given);
    };

  return {
    table(options) {
      const table = real.table(options);
      return {
        ...table,
        insert: after(table.insert),
        upsert: after(table.upsert),
        replace: after(table.replace),
        transact: after(table.transact),
      };
    },
    sealedTable: real.sealedTable,
    queue(name, schema) {
      const queue = real.queue(name, schema);
      return { ...queue, send: after(queue.send) };
    },
    blobs(container) {
      const blobs = real.blobs(container);
      return {
        ...blobs,
        put: after(blobs.put),
        putStream: after(blobs.putStream),
        remove: after(blobs.remove),
      };
    },
  };
}
