import { rm } from 'node:fs/promises';
import path from 'node:path';
import { type Duck, fileList, quoted } from './duck.ts';
import {
  itemViews,
  linesQuery,
  logViews,
  markTables,
  movedFoldersQuery,
  parquetFormat,
  placedSelect,
  placesSql,
  stagedFormat,
} from './merge-sql.ts';

/** A Parquet file of an inventory: rows in the order of their paths, all of them from `from` on and before the next part. */
export interface LocalPart {
  readonly file: string;
  readonly from: string;
  readonly rows: number;
}

/** A part of the new inventory: a new file, or the earlier one at that index, which nothing has changed. */
export type MergedPart = LocalPart & { readonly kept?: number };

export interface MergeInput {
  readonly driveId: string;
  /** A local folder for the new files. */
  readonly folder: string;
  /** The log of changes, in the order of the feed. */
  readonly logs: readonly string[];
  /** The inventory that the log is added to; none the first time. */
  readonly base: readonly LocalPart[];
  /** About how many rows a part has. */
  readonly partRows: number;
  /** Told of each part as soon as its file is written. */
  onPart(part: MergedPart, index: number): void;
}

export interface MergeResult {
  readonly parts: readonly MergedPart[];
  /** Without the root. */
  readonly items: number;
}

/** Paths that mark a sample for finding the bounds of the parts. */
const samplesPerPart = 200;
/** Each range is one look at all paths: more of them at once would cost more than a second cut. */
const mostCuts = 24;

/**
 * An inventory with a log of changes added: for each id the last line counts. Few changes rewrite only the parts that they fall into,
 * as long as no folder has moved; else everything is placed anew. Sorting goes part by part, since no more may be in memory at once.
 */
export async function mergeInventory(duck: Duck, input: MergeInput): Promise<MergeResult> {
  const { base, logs, partRows } = input;
  await duck.run(logViews(logs, false));
  const [count = {}] = await duck.rows(linesQuery);
  const lines = Number(count.lines ?? 0);
  if (Number(count.hashes) < lines) await duck.run(logViews(logs, true));
  await duck.run(markTables);
  await duck.run(itemViews(base.map((part) => part.file)));
  await duck.run(placesSql);
  const known = base.reduce((sum, part) => sum + part.rows, 0);
  const largest = Math.max(0, ...base.map((part) => part.rows));
  const few = base.length > 0 && lines < known / 5 && lines < partRows && largest < 2 * partRows;
  const parts =
    few && (await duck.count(movedFoldersQuery)) === 0
      ? await updateParts(duck, input)
      : await placeAnew(duck, input, known + lines);
  const files = fileList(parts.map((part) => part.file));
  const items = await duck.count(`SELECT count(*) FROM read_parquet(${files}) WHERE kind <> 'root'`);
  return { parts, items };
}

async function placeAnew(duck: Duck, input: MergeInput, atMost: number): Promise<MergedPart[]> {
  const { folder, driveId, partRows, onPart } = input;
  const placed = placedSelect(quoted(driveId), 'items');
  const parts: MergedPart[] = [];
  const take = async (select: string, from: string) => {
    const file = path.join(folder, `part-${parts.length}.parquet`);
    const part = { file, from, rows: await write(duck, select, file) };
    onPart(part, parts.length);
    parts.push(part);
  };
  if (atMost <= 1.5 * partRows) {
    await take(`${placed} ORDER BY path`, '');
    return parts;
  }
  const staged = path.join(folder, 'staged.parquet');
  const rows = await stage(duck, placed, staged);
  await cut(duck, { file: staged, from: '', before: undefined, rows }, partRows, take);
  return parts;
}

interface Staged {
  /** Rows in no order. */
  readonly file: string;
  readonly from: string;
  readonly before: string | undefined;
  readonly rows: number;
}

/** Cuts staged rows into ranges of paths that are small enough to be sorted, and hands each on, in their order. */
async function cut(
  duck: Duck,
  staged: Staged,
  partRows: number,
  take: (select: string, from: string) => Promise<void>,
): Promise<void> {
  const wanted = Math.min(mostCuts, Math.ceil(staged.rows / partRows));
  const bounds = await boundsOf(duck, staged, wanted);
  const deeper = staged.rows > mostCuts * partRows * 1.5 && bounds.length > 1;
  for (const [index, from] of bounds.entries()) {
    const before = bounds[index + 1] ?? staged.before;
    const select = `SELECT * FROM read_parquet(${quoted(staged.file)}) WHERE ${between(from, before)}`;
    if (!deeper) {
      await take(`${select} ORDER BY path`, from);
      continue;
    }
    const file = `${staged.file}-${index}`;
    const rows = await stage(duck, select, file);
    await cut(duck, { file, from, before, rows }, partRows, take);
    await rm(file);
  }
}

function stage(duck: Duck, select: string, file: string): Promise<number> {
  return duck.count(`COPY (${select}) TO ${quoted(file)} ${stagedFormat}`);
}

/** Paths at which the rows can be cut into about equal parts; the first is where they begin. */
async function boundsOf(duck: Duck, staged: Staged, parts: number): Promise<string[]> {
  const sample = await duck.rows(
    `SELECT path FROM (SELECT path FROM read_parquet(${quoted(staged.file)})
      USING SAMPLE reservoir(${parts * samplesPerPart} ROWS) REPEATABLE (1)) ORDER BY path`,
  );
  const bounds = [staged.from];
  for (let index = 1; index < parts; index += 1) {
    const at = sample[Math.floor((index * sample.length) / parts)]?.path;
    if (typeof at === 'string' && at !== bounds.at(-1)) bounds.push(at);
  }
  return bounds;
}

async function updateParts(duck: Duck, input: MergeInput): Promise<MergedPart[]> {
  const { driveId, folder, base, onPart } = input;
  await duck.run(`CREATE TABLE added AS ${placedSelect(quoted(driveId), 'fresh')}`);
  const parts: MergedPart[] = [];
  for (const [index, part] of base.entries()) {
    const range = between(part.from, base[index + 1]?.from);
    const old = `read_parquet(${quoted(part.file)})`;
    const touched = await duck.count(
      `SELECT (SELECT count(*) FROM added WHERE ${range})
        + (SELECT count(*) FROM ${old} WHERE item_id IN (SELECT item_id FROM changed))`,
    );
    if (touched === 0) {
      parts.push({ ...part, kept: index });
      continue;
    }
    const file = path.join(folder, `part-${index}.parquet`);
    const select = `SELECT * FROM ${old} WHERE item_id NOT IN (SELECT item_id FROM changed)
      UNION ALL SELECT * FROM added WHERE ${range} ORDER BY path`;
    const written = { file, from: part.from, rows: await write(duck, select, file) };
    onPart(written, index);
    parts.push(written);
  }
  return parts;
}

function between(from: string, before: string | undefined): string {
  const above = `path >= ${quoted(from)}`;
  return before === undefined ? above : `${above} AND path < ${quoted(before)}`;
}

function write(duck: Duck, select: string, file: string): Promise<number> {
  return duck.count(`COPY (${select}) TO ${quoted(file)} ${parquetFormat}`);
}
