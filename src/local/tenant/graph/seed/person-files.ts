import type { SeedType } from '../content/seed-content.ts';
import { fileTraits } from './file-traits.ts';
import { hash32 } from './hash32.ts';

/** One generated file or folder of a person's or a site's drive, by path. */
export interface SeedEntry {
  readonly path: readonly string[];
  readonly name: string;
  readonly file?: { readonly type: SeedType; readonly stamp: number; readonly size: number };
  readonly created: number;
  readonly modified: number;
  /** Number of the author; 0 is the owner. */
  readonly author: number;
  readonly editor: number;
  readonly revision: number;
}

const TYPES: Record<string, SeedType> = {
  docx: 'zip',
  xlsx: 'zip',
  pptx: 'zip',
  pdf: 'pdf',
  jpg: 'jpeg',
  png: 'png',
  mp4: 'video',
  txt: 'text',
  csv: 'text',
  md: 'text',
};
const SIZES: Record<string, readonly [number, number]> = {
  docx: [14_000, 420_000],
  xlsx: [9_000, 900_000],
  pptx: [300_000, 9_000_000],
  pdf: [40_000, 2_500_000],
  jpg: [900_000, 6_000_000],
  png: [60_000, 900_000],
  mp4: [9_000_000, 90_000_000],
  txt: [120, 9_000],
  csv: [500, 60_000],
  md: [300, 12_000],
};
const SUPPLIERS = [
  'Alpina Papier',
  'Baumann AG',
  'Corvo Logistics',
  'Delta Energie',
  'Elmer Office',
  'Fennec Travel',
];
const PLACES = ['Lisbon', 'Engadin', 'Lofoten', 'Verona', 'Office party', 'Trade fair'];
const DAY = 86_400_000;

/** Every drive has these, empty or not. */
export const FOLDERS = ['Documents', 'Inbox', 'Filed', 'Invoices', 'Photos'];

/** The files of one drive: about fifty, with dates up to `newest`, the same for the same seed. */
export function seedEntries(seed: number, newest: number, kind: 'person' | 'site' | 'personal'): SeedEntry[] {
  const entries: SeedEntry[] = [];
  const pick = (list: readonly string[], salt: number): string =>
    list[hash32(seed, salt) % list.length] ?? '';
  let number = 0;

  function folder(path: readonly string[], name: string): void {
    const at = newest - 900 * DAY;
    entries.push({ path, name, created: at, modified: at, author: 0, editor: 0, revision: 1 });
  }
  function file(path: readonly string[], name: string, daysOld: number, like?: number): void {
    number += 1;
    const extension = name.slice(name.lastIndexOf('.') + 1);
    const stamp = like ?? hash32(seed, 1000 + number);
    const [least, most] = SIZES[extension] ?? [100, 1000];
    const size = Math.floor(least * (most / least) ** ((stamp & 0xffff) / 0xffff));
    const modified = Math.floor((newest - daysOld * DAY - (hash32(seed, number) % DAY)) / 1000) * 1000;
    const traits = fileTraits(seed, number, modified);
    const type = TYPES[extension] ?? 'text';
    const { author, editor, revision } = traits;
    const own = {
      author: author % 4 === 0 ? 1 + (author % 5) : 0,
      editor: editor % 3 === 0 ? 1 + (editor % 5) : 0,
    };
    const created = modified - (hash32(seed, 5000 + number) % 90) * DAY;
    entries.push({ path, name, file: { type, stamp, size }, created, modified, revision, ...own });
  }

  for (const name of FOLDERS) folder([], name);
  folder(['Documents'], 'Contracts');
  folder(['Documents'], 'Meeting notes');
  for (let month = 1; month <= 9; month++) {
    const supplier = pick(SUPPLIERS, month);
    file(['Invoices'], `Invoice 2026-0${month} ${supplier}.pdf`, 300 - month * 30);
  }
  file(['Invoices'], 'Invoice 2025-12 Delta Energie.pdf', 330);
  file(['Invoices'], 'Invoices 2026.xlsx', 12);
  file(['Documents'], 'Budget 2026.xlsx', 20);
  file(['Documents'], 'Budget 2026 (copy).xlsx', 19, entries.at(-1)?.file?.stamp);
  file(['Documents'], 'Budget 2025.xlsx', 390);
  file(['Documents'], 'Team handbook.docx', 140);
  file(['Documents'], 'Travel policy.docx', 510);
  file(['Documents'], 'Quarterly review Q3.pptx', 31);
  file(['Documents'], 'Quarterly review Q2.pptx', 122);
  file(['Documents'], 'Customer list.csv', 45);
  file(['Documents'], 'Read me.md', 700);
  file(['Documents', 'Contracts'], `Contract ${pick(SUPPLIERS, 31)}.pdf`, 620);
  file(['Documents', 'Contracts'], `Contract ${pick(SUPPLIERS, 32)} signed.pdf`, 615);
  file(['Documents', 'Contracts'], 'Non-disclosure agreement.docx', 800);
  for (let week = 1; week <= 8; week++) {
    file(['Documents', 'Meeting notes'], `Notes week ${String(30 + week)}.docx`, 60 - week * 7);
  }
  file(['Inbox'], 'Scan 0001.pdf', 4);
  file(['Inbox'], 'Scan 0002.pdf', 3);
  file(['Inbox'], 'Delivery note 4711.pdf', 2);
  file(['Inbox'], 'Expenses October.xlsx', 2);
  file(['Filed'], 'Delivery note 4512.pdf', 80);
  for (let shot = 0; shot < (kind === 'site' ? 3 : 12); shot++) {
    const place = pick(PLACES, Math.floor(shot / 4));
    file(['Photos'], `${place} ${String(100 + shot)}.jpg`, 900 - shot * 60);
  }
  file(['Photos'], 'Screenshot new desk.png', 70);
  if (kind === 'site') {
    folder(['Documents'], 'Audit');
    for (let year = 2021; year <= 2025; year++) {
      file(['Documents', 'Audit'], `Annual accounts ${year}.pdf`, (2026 - year) * 365);
      file(['Documents', 'Audit'], `Trial balance ${year}.xlsx`, (2026 - year) * 365 + 12);
    }
  } else if (kind === 'person') {
    file(['Documents'], `Training recording ${pick(PLACES, 77)}.mp4`, 410);
    file(['Documents'], 'To do.txt', 1);
  }
  return entries;
}
