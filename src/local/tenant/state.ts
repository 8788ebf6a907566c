import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** One part of the tenant that survives a restart. */
export interface StatePart {
  save(): unknown;
  load(value: unknown): void;
}

/** Keeps registered parts in DIR/tenant.json; without a directory everything lives in memory only. */
export interface StateStore {
  /** Present when state is kept; parts may put files of their own under it. */
  readonly directory: string | undefined;
  /** Registers a part and, when an earlier run saved it, loads it at once. */
  register(name: string, part: StatePart): void;
  /** Marks the state dirty: it is written within a quarter of a second. */
  changed(): void;
  /** Writes now if dirty. */
  flush(): void;
}

const DELAY = 250;

export function createStateStore(directory: string | undefined): StateStore {
  const parts = new Map<string, StatePart>();
  const file = directory === undefined ? undefined : join(directory, 'tenant.json');
  const saved = readSaved(file);
  let timer: NodeJS.Timeout | undefined;

  function flush(): void {
    if (timer === undefined || directory === undefined || file === undefined) return;
    clearTimeout(timer);
    timer = undefined;
    mkdirSync(directory, { recursive: true });
    const snapshot = Object.fromEntries([...parts].map(([name, part]) => [name, part.save()]));
    const draft = `${file}.new`;
    // A rename is atomic, so a crash leaves the old or the new snapshot, never half of one.
    writeFileSync(draft, JSON.stringify(snapshot), { mode: 0o600 });
    renameSync(draft, file);
  }

  return {
    directory,
    register(name, part) {
      parts.set(name, part);
      if (name in saved) part.load(saved[name]);
    },
    changed() {
      if (directory === undefined || timer !== undefined) return;
      timer = setTimeout(flush, DELAY);
      timer.unref();
    },
    flush,
  };
}

function readSaved(file: string | undefined): Record<string, unknown> {
  if (file === undefined) return {};
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return {};
    throw new Error(`cannot read the saved state ${file}`, { cause: error });
  }
}
