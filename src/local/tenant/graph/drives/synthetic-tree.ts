import { type FileTraits, fileTraits } from '../seed/file-traits.ts';
import { hash32 } from '../seed/hash32.ts';
import type { BaseTree } from './base-tree.ts';
import { toItemId } from './item-id.ts';
import type { Actor, ItemRecord } from './item-record.ts';

export interface SyntheticTreeOptions {
  readonly seed: number;
  /** Files; folders come on top. */
  readonly files: number;
  readonly filesPerFolder: number;
  readonly rootId: string;
  /** Six characters that begin every id of the drive. */
  readonly mark: string;
  readonly authors: readonly Actor[];
  /** Epoch ms; nothing is newer. */
  readonly newest: number;
}

/** Subfolders per folder. */
const FAN_OUT = 25;
const FOLDER_NAMES = [
  'Projects',
  'Clients',
  'Archive',
  'Contracts',
  'Reports',
  'Campaigns',
  'Suppliers',
  'Audits',
];

/**
 * Folder k (from 0) and its files form group k: item k * (filesPerFolder + 1) is the folder, the files follow.
 * Folders form a tree with FAN_OUT children each, so parents come first and numbers need no table.
 */
export function createSyntheticTree(options: SyntheticTreeOptions): BaseTree {
  const { seed, files, filesPerFolder, rootId, mark, authors, newest } = options;
  const folders = Math.ceil(files / filesPerFolder);
  const group = filesPerFolder + 1;
  const count = folders + files;
  const below = new Float64Array(folders);

  const guidOf = (index: number): string => {
    const words = [
      scramble(index, seed),
      hash32(seed + 1, index),
      hash32(seed + 2, index),
      hash32(seed + 3, index),
    ];
    const hex = words.map((word) => word.toString(16).padStart(8, '0')).join('');
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
  };
  const idOf = (index: number): string => toItemId(mark, guidOf(index));
  const numbers = new Map<string, number>();
  const folderIds: string[] = [];
  for (let folder = 0; folder < folders; folder++) {
    const id = idOf(folder * group);
    folderIds.push(id);
    numbers.set(id, folder);
  }
  const parentOf = (folder: number): string =>
    folder < FAN_OUT ? rootId : (folderIds[Math.floor(folder / FAN_OUT) - 1] ?? rootId);
  const filesIn = (folder: number): number => Math.min(filesPerFolder, files - folder * filesPerFolder);
  const traitsOf = (index: number): FileTraits => fileTraits(seed, index, newest);

  for (let folder = folders - 1; folder >= 0; folder--) {
    let sum = below[folder] ?? 0;
    for (let file = 1; file <= filesIn(folder); file++) sum += traitsOf(folder * group + file).size;
    below[folder] = sum;
    const parent = Math.floor(folder / FAN_OUT) - 1;
    if (parent >= 0) below[parent] = (below[parent] ?? 0) + sum;
  }

  const subfolders = (folder: number): number => {
    const first = (folder + 1) * FAN_OUT;
    return Math.max(0, Math.min(FAN_OUT, folders - first));
  };
  const folderName = (folder: number): string =>
    `${FOLDER_NAMES[hash32(seed + 4, folder) % FOLDER_NAMES.length]} ${String(folder + 1).padStart(5, '0')}`;

  function record(index: number): ItemRecord {
    const folder = Math.floor(index / group);
    const file = index % group;
    const guid = guidOf(index);
    const traits = traitsOf(index);
    const common = {
      id: file === 0 ? (folderIds[folder] ?? '') : toItemId(mark, guid),
      guid,
      created: traits.created,
      clientCreated: traits.created,
      createdBy: authors[traits.author % authors.length] ?? {},
      modifiedBy: authors[traits.editor % authors.length] ?? {},
      revision: traits.revision,
      contentRevision: traits.revision,
      modified: traits.modified,
      clientModified: traits.modified,
    };
    if (file === 0)
      return { ...common, parentId: parentOf(folder), name: folderName(folder), kind: 'folder', size: 0 };
    return {
      ...common,
      parentId: folderIds[folder],
      name: `${traits.stem} ${String(file).padStart(4, '0')}.${traits.extension}`,
      kind: 'file',
      size: traits.size,
      content: { type: traits.type, stamp: traits.stamp },
    };
  }

  function childAt(folderId: string, ordinal: number): number {
    const folder = folderId === rootId ? -1 : (numbers.get(folderId) ?? -1);
    const nested = folder === -1 ? Math.min(FAN_OUT, folders) : subfolders(folder);
    if (ordinal < nested) return ((folder + 1) * FAN_OUT + ordinal) * group;
    return folder * group + 1 + ordinal - nested;
  }

  function childCount(folderId: string): number {
    if (folderId === rootId) return Math.min(FAN_OUT, folders);
    const folder = numbers.get(folderId);
    return folder === undefined ? 0 : subfolders(folder) + filesIn(folder);
  }

  return {
    count,
    record,
    childCount,
    childAt,
    indexOf(id) {
      const folder = numbers.get(id);
      if (folder !== undefined) return folder * group;
      if (!id.startsWith(`01${mark}`) || id.length !== 34) return undefined;
      const index = unscramble(leadingWord(id), seed);
      return index < count && idOf(index) === id ? index : undefined;
    },
    childNamed(folderId, name) {
      const wanted = name.toLowerCase();
      const number = Number(/ (\d+)(?:\.\w+)?$/.exec(name)?.[1] ?? Number.NaN);
      if (!Number.isInteger(number)) return undefined;
      const total = childCount(folderId);
      const nested = total - (folderId === rootId ? 0 : filesIn(numbers.get(folderId) ?? 0));
      // A file says its place in its folder, a folder its number in the drive.
      const first = folderId === rootId ? 0 : ((numbers.get(folderId) ?? 0) + 1) * FAN_OUT;
      for (const ordinal of [nested + number - 1, number - 1 - first]) {
        if (ordinal < 0 || ordinal >= total) continue;
        const index = childAt(folderId, ordinal);
        if (record(index).name.toLowerCase() === wanted) return index;
      }
      return undefined;
    },
    sizeBelow(folderId) {
      if (folderId !== rootId) return below[numbers.get(folderId) ?? -1] ?? 0;
      return below.slice(0, FAN_OUT).reduce((sum, size) => sum + size, 0);
    },
  };
}

/** The first 32 bits that `toItemId` spelled in base 32. */
function leadingWord(id: string): number {
  let bits = 0n;
  for (const digit of id.slice(8))
    bits = (bits << 5n) | BigInt('ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(digit));
  return Number((bits >> 98n) & 0xffffffffn);
}

const STEP = 0x9e3779b1;
/** Inverse of STEP modulo 2^32. */
const BACK = inverse(STEP);

function scramble(index: number, seed: number): number {
  return (Math.imul(index, STEP) ^ hash32(seed, 7)) >>> 0;
}

function unscramble(word: number, seed: number): number {
  return Math.imul((word ^ hash32(seed, 7)) >>> 0, BACK) >>> 0;
}

function inverse(value: number): number {
  let result = value;
  for (let round = 0; round < 5; round++) result = Math.imul(result, 2 - Math.imul(value, result));
  return result >>> 0;
}
