import type { DriveItem } from '../../src/graph/drive-item.ts';
import { aFile, aFolder, theRoot } from './fake-graph.ts';

/** A drive as a plain tree, whose changes are told as a feed would, and whose paths are found by walking up. */
export interface DriveModel {
  /** Rows of the feed that nobody took yet. */
  take(): DriveItem[];
  addFolder(parent: string): string;
  addFile(parent: string): string;
  rename(id: string, name: string): void;
  move(id: string, parent: string): void;
  /** A folder goes with all that is in it, of which the feed says nothing. */
  remove(id: string): void;
  readonly folders: () => string[];
  readonly files: () => string[];
  /** `path id` of everything but the root, sorted. */
  expected(): string[];
}

export function createDriveModel(): DriveModel {
  const items = new Map<string, { id: string; parent: string; name: string; folder: boolean }>();
  let feed: DriveItem[] = [theRoot()];
  let next = 0;

  const tell = (id: string) => {
    const item = items.get(id);
    if (item) feed.push((item.folder ? aFolder : aFile)(item.id, item.parent, item.name));
  };
  const add = (parent: string, folder: boolean) => {
    next += 1;
    const id = `${folder ? 'd' : 'f'}${next}`;
    items.set(id, { id, parent, folder, name: folder ? `Folder ${next}` : `File ${next}.txt` });
    tell(id);
    return id;
  };
  const pathOf = (id: string): string => {
    const item = items.get(id);
    return item ? `${pathOf(item.parent)}/${item.name}` : '';
  };
  const isBelow = (id: string, above: string): boolean =>
    id === above || (items.has(id) && isBelow(items.get(id)?.parent ?? '', above));
  const change = (id: string, to: { name?: string; parent?: string }) => {
    const item = items.get(id);
    if (!item || (to.parent !== undefined && isBelow(to.parent, id))) return;
    items.set(id, { ...item, ...to });
    tell(id);
  };

  return {
    take() {
      const rows = feed;
      feed = [];
      return rows;
    },
    addFolder: (parent) => add(parent, true),
    addFile: (parent) => add(parent, false),
    rename: (id, name) => change(id, { name }),
    move: (id, parent) => change(id, { parent }),
    remove(id) {
      for (const below of [...items.keys()].filter((other) => isBelow(other, id))) items.delete(below);
      feed.push({ id, deleted: {} });
    },
    folders: () => ['root', ...[...items.values()].filter((item) => item.folder).map((item) => item.id)],
    files: () => [...items.values()].filter((item) => !item.folder).map((item) => item.id),
    expected: () => [...items.keys()].map((id) => `${pathOf(id)} ${id}`).sort(),
  };
}

/** Numbers in [0, 1) that are the same for the same seed (mulberry32). */
export function createDice(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** `count` random changes. */
export function stir(model: DriveModel, dice: () => number, count: number): void {
  const pick = <T>(from: readonly T[]): T => from[Math.floor(dice() * from.length)] as T;
  for (let i = 0; i < count; i += 1) {
    const what = dice();
    const folders = model.folders();
    const files = model.files();
    if (what < 0.45 || files.length === 0) model.addFile(pick(folders));
    else if (what < 0.6) model.addFolder(pick(folders));
    else if (what < 0.7) model.rename(pick(files), `Renamed ${i}.txt`);
    else if (what < 0.8) model.move(pick(files), pick(folders));
    else if (what < 0.86 && folders.length > 1) model.rename(pick(folders.slice(1)), `Folder renamed ${i}`);
    else if (what < 0.92 && folders.length > 1) model.move(pick(folders.slice(1)), pick(folders));
    else if (what < 0.97) model.remove(pick(files));
    else if (folders.length > 1) model.remove(pick(folders.slice(1)));
  }
}
