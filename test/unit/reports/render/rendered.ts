import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type JS, openDuckDb } from './read-duck.ts';

/** All pieces of a rendering as one. */
export async function gathered(pieces: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const all: Uint8Array[] = [];
  for await (const piece of pieces) all.push(piece);
  return Buffer.concat(all);
}

/** A folder for one piece of work, gone afterwards. */
export async function inFolder<R>(work: (folder: string) => Promise<R>): Promise<R> {
  const folder = await mkdtemp(path.join(tmpdir(), 'render-'));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** What DuckDB reads from a file: rows and the types of its columns. `source` makes a query's source of a path. */
export async function readWithDuck(
  bytes: Buffer,
  source: (file: string) => string,
): Promise<{ rows: JS[][]; types: Record<string, string> }> {
  return inFolder(async (folder) => {
    const file = path.join(folder, 'file');
    await writeFile(file, bytes);
    return openDuckDb(async (ask) => {
      const described = await ask(`DESCRIBE SELECT * FROM ${source(file)}`);
      const types = Object.fromEntries(described.map(([name, type]) => [String(name), String(type)]));
      return { rows: await ask(`SELECT * FROM ${source(file)}`), types };
    });
  });
}
