/** What one write takes at most. */
export interface GroupLimits {
  readonly values: number;
  /** Characters of JSON. */
  readonly characters: number;
}

/**
 * Writes values in groups, one group at a time: whatever arrives while a group is on its way goes with the next one. The
 * promise of a value settles when its own group is written, so nothing is reported before it is stored.
 */
export function createGroupWriter<T>(
  write: (values: readonly T[]) => Promise<void>,
  limits: GroupLimits,
): (value: T) => Promise<void> {
  interface Entry {
    readonly value: T;
    readonly done: () => void;
    readonly failed: (error: unknown) => void;
  }
  let queue: Entry[] = [];
  let writing = false;

  function takeGroup(): Entry[] {
    let characters = 0;
    let count = 0;
    for (const { value } of queue.slice(0, limits.values)) {
      characters += JSON.stringify(value).length + 1;
      if (count > 0 && characters > limits.characters) break;
      count += 1;
    }
    const group = queue.slice(0, count);
    queue = queue.slice(count);
    return group;
  }

  async function drain(): Promise<void> {
    while (queue.length > 0) {
      const group = takeGroup();
      try {
        await write(group.map(({ value }) => value));
        for (const { done } of group) done();
      } catch (error) {
        for (const { failed } of group) failed(error);
      }
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
