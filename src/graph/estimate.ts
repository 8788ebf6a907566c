import { largestBatch } from './batch.ts';

/** What is known of some work before it begins. */
export interface Workload {
  /**
   * The drives that are read: `items` as the last inventory counted them, `goesOn` where only what changed since is read. Nothing is
   * known of a drive that was never read.
   */
  readonly drives: readonly { readonly items?: number | undefined; readonly goesOn?: boolean | undefined }[];
  /** Drives that are looked for one by one, to find out which there are. */
  readonly lookedFor?: number | undefined;
  /** Items whose permissions are asked. */
  readonly sharedItems?: number | undefined;
  /** Files whose versions are asked. */
  readonly versionsOf?: number | undefined;
  /** People, groups and apps that are listed. */
  readonly directory?: number | undefined;
  /** Bytes that are put into drives. */
  readonly uploads?: number | undefined;
}

export interface Cost {
  readonly calls: number;
  /** Resource units. */
  readonly units: number;
  /** Of the budget of the app in the tenant, to one decimal. */
  readonly minutes: number;
  /** False when a drive was never read: then this is the least it can be. */
  readonly known: boolean;
  /** `about 5,400 RU, 4.3 minutes of the budget`. */
  readonly text: string;
}

/** Graph gives about so many items a page, though more are asked for. */
const itemsOfPage = 200;
const bytesOfFragment = 10 * 1024 * 1024;

/** What that will cost; `unitsPerMinute` is what the tenant allows the app. */
export function estimateCost(work: Workload, unitsPerMinute = 1250): Cost {
  const { lookedFor = 0, sharedItems = 0, versionsOf = 0, directory = 0, uploads = 0 } = work;
  // A first page costs two, every page that has a token one; where the feed goes on one page tells that little has changed.
  const pages = work.drives.map(({ items = 0, goesOn = false }) =>
    goesOn ? 1 : 1 + Math.floor(items / itemsOfPage),
  );
  const all = pages.reduce((sum, count) => sum + count, 0);
  const first = work.drives.filter(({ goesOn }) => goesOn !== true).length;
  const batches = (count: number) => Math.ceil(count / largestBatch);
  const lists = Math.ceil(directory / 100);
  const fragments = Math.ceil(uploads / bytesOfFragment);

  const calls = all + batches(lookedFor) + batches(sharedItems) + batches(versionsOf) + lists + fragments;
  const units = all + first + lookedFor + 5 * sharedItems + 2 * versionsOf + 2 * lists + 2 * fragments;
  const minutes = Math.round((units / unitsPerMinute) * 10) / 10;
  const known = work.drives.every(({ items }) => items !== undefined);
  return { calls, units, minutes, known, text: costText({ units, minutes, known }) };
}

/** The same words for what some work did cost: `5,412 RU, 4.3 minutes of the budget`. */
export function spentText(units: number, unitsPerMinute = 1250): string {
  return inWords(units, Math.round((units / unitsPerMinute) * 10) / 10);
}

function costText({ units, minutes, known }: Pick<Cost, 'units' | 'minutes' | 'known'>): string {
  if (known) return `about ${inWords(rounded(units), minutes)}`;
  return `at least ${inWords(rounded(units), minutes)}; what was never read comes on top`;
}

function inWords(units: number, minutes: number): string {
  const time = minutes < 0.1 ? 'less than 0.1 minutes' : `${minutes.toLocaleString('en')} minutes`;
  return `${units.toLocaleString('en')} RU, ${time} of the budget`;
}

/** Two digits say as much as is known. */
function rounded(units: number): number {
  if (units < 100) return units;
  const step = 10 ** (Math.floor(Math.log10(units)) - 1);
  return Math.round(units / step) * step;
}
