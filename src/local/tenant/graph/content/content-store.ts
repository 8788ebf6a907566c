import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Uploaded bytes by id. */
export interface ContentStore {
  put(id: string, bytes: Buffer): void;
  /** Empty when the id is unknown. */
  get(id: string): Buffer;
  drop(id: string): void;
}

/** In memory, or as files of `directory`. */
export function createContentStore(directory?: string): ContentStore {
  if (directory === undefined) {
    const kept = new Map<string, Buffer>();
    return {
      put: (id, bytes) => void kept.set(id, bytes),
      get: (id) => kept.get(id) ?? Buffer.alloc(0),
      drop: (id) => void kept.delete(id),
    };
  }
  mkdirSync(directory, { recursive: true });
  const pathOf = (id: string): string => join(directory, `${id.replaceAll(/[^\w-]/g, '_')}.bin`);
  return {
    put: (id, bytes) => writeFileSync(pathOf(id), bytes),
    get: (id) => readFileSync(pathOf(id)),
    drop: (id) => rmSync(pathOf(id), { force: true }),
  };
}
