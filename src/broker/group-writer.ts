import type { Clock } from '../ports.ts';

/** What one write takes at most. */
export interface GroupLimits {
  readonly values: number;
  readonly weight: number;
}

/** A group of so many values shows that many are coming; the next one then waits to become as large. */
const manyValues = 16;
/** From the beginning of one large group to that of the next. */
const spacingMs = 5;

/**
 * Writes values in groups, one group at a time: whatever arrives while a group is on its way goes with the next one. The
 * promise of a value settles when its own group is written, so nothing is reported before it is stored. A write costs far more
 * than a value, so under load a group is begun at most each 5 ms; a value that comes alone never waits.
 */
export function createGroupWriter<T>(deps: {
  readonly write: (values: readonly T[]) => Promise<void>;
  readonly weigh: (value: T) => number;
  readonly limits: GroupLimits;
  readonly clock: Clock;
}): (value: T) => Promise<void> {
  const { limits, clock } = deps;
  interface Entry {
    readonly value: T;
    readonly done: () => void;
    readonly failed: (error: unknown) => void;
  }
  let queue: Entry[] = [];
  let writing = false;

  function takeGroup(): Entry[] {
    let weight = 0;
    let count = 0;
    for (const { value } of queue) {
      weight += deps.weigh(value);
      if (count === limits.values || (count > 0 && weight > limits.weight)) break;
      count += 1;
    }
    const group = queue.slice(0, count);
    queue = queue.slice(count);
    return group;
  }

  async function drain(): Promise<void> {
    while (queue.length > 0) {
      const begun = clock();
      const group = takeGroup();
      try {
        await deps.write(group.map(({ value }) => value));
        for (const { done } of group) done();
      } catch (error) {
        for (const { failed } of group) failed(error);
      }
      if (group.length >= manyValues) await passed(begun + spacingMs - clock());
    }
    writing = false;
  }

  return (value) =>
    new Promise<void>((done, failed) => {
      queue.push({ value, done, failed });
      if (writing) return;
      writing = true;
      // After this turn of the loop, so that what arrives together is written together.
      setImmediate(() => void drain());
    });
}

function passed(ms: number): Promise<void> | undefined {
  // A clock that jumped must not hold anybody.
  return ms > 0 && ms <= spacingMs ? new Promise((resolve) => setTimeout(resolve, ms)) : undefined;
}
