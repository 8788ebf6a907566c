import type { SeedType } from '../content/seed-content.ts';
import { hash32 } from './hash32.ts';

/** Everything about a generated file that isn't its place. Times are epoch ms, to the second. */
export interface FileTraits {
  readonly stem: string;
  readonly extension: string;
  readonly type: SeedType;
  readonly stamp: number;
  readonly size: number;
  readonly created: number;
  readonly modified: number;
  /** Any number; the remainder by the number of people says who. */
  readonly author: number;
  readonly editor: number;
  readonly revision: number;
}

interface FileKind {
  readonly extension: string;
  readonly type: SeedType;
  readonly stems: readonly string[];
  /** Smallest size and how many doublings the largest is away. */
  readonly least: number;
  readonly doublings: number;
}

const OFFICE = ['Budget', 'Forecast', 'Offer', 'Minutes', 'Handbook', 'Roadmap', 'Review', 'Policy'];
const KINDS: readonly FileKind[] = [
  { extension: 'docx', type: 'zip', stems: OFFICE, least: 14_000, doublings: 9 },
  { extension: 'xlsx', type: 'zip', stems: OFFICE, least: 9_000, doublings: 10 },
  {
    extension: 'pdf',
    type: 'pdf',
    stems: ['Invoice', 'Contract', 'Scan', 'Statement'],
    least: 30_000,
    doublings: 8,
  },
  { extension: 'pptx', type: 'zip', stems: ['Kick-off', 'Pitch', 'Training'], least: 400_000, doublings: 7 },
  { extension: 'jpg', type: 'jpeg', stems: ['IMG', 'DSC'], least: 900_000, doublings: 4 },
  { extension: 'txt', type: 'text', stems: ['Notes', 'Log', 'List'], least: 200, doublings: 8 },
  { extension: 'png', type: 'png', stems: ['Screenshot', 'Diagram'], least: 40_000, doublings: 6 },
  { extension: 'mp4', type: 'video', stems: ['Recording', 'Clip'], least: 8_000_000, doublings: 7 },
];
/** Kinds by frequency: documents often, videos rarely. */
const MIX = [0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 2, 3, 4, 4, 5, 5, 6, 7];
const DAY = 86_400_000;

/** The traits of file number `index`; one file in fifty has the content of another one. */
export function fileTraits(seed: number, index: number, newest: number): FileTraits {
  const twin = hash32(seed + 11, index) % 50 === 0 ? index - (index % 500) : index;
  const mixed = hash32(seed + 12, twin);
  const kind = KINDS[MIX[mixed % MIX.length] ?? 0] ?? KINDS[0];
  if (!kind) throw new Error('no kinds of files');
  const other = hash32(seed + 13, twin);
  const dates = hash32(seed + 14, index);
  // Most files are recent: the square puts half of them into the last quarter of seven years.
  const age = ((dates & 0xffff) / 0xffff) ** 2 * 2500 * DAY;
  const modified = seconds(newest - age);
  const created = seconds(modified - ((dates >>> 16) / 0xffff) ** 3 * 700 * DAY);
  return {
    stem: kind.stems[(mixed >>> 8) % kind.stems.length] ?? '',
    extension: kind.extension,
    type: kind.type,
    stamp: other,
    size: Math.floor(kind.least * 2 ** (kind.doublings * ((other & 0xffff) / 0xffff) ** 2)),
    created,
    modified,
    author: mixed >>> 16,
    editor: other >>> 16,
    revision: 1 + (dates % 6),
  };
}

function seconds(time: number): number {
  return Math.floor(time / 1000) * 1000;
}
