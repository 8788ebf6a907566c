import { createReadStream } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { constants, zstdCompress, zstdDecompress } from 'node:zlib';
import type { LocalFiles } from '../../inventory/snapshot-files.ts';
import type { Blobs } from '../../storage/blobs.ts';
import type { ViewColumn } from '../columns.ts';
import { type Cell, openDuck } from '../data/duck.ts';
import { sql } from '../data/sql.ts';

/** The run whose files these are. */
export interface FilesOf {
  readonly runId: string;
  readonly day: string;
}

/** A piece's name says where it stands and which unit saved it. */
export interface PieceName {
  readonly kind: string;
  /** Pieces are in the order of these. */
  readonly number: number;
  readonly unit: string;
}

export interface Piece {
  readonly number: number;
  readonly blob: string;
}

export interface GatherFiles {
  saveRows(
    of: FilesOf,
    name: PieceName,
    columns: readonly ViewColumn[],
    rows: readonly (readonly Cell[])[],
  ): Promise<void>;
  saveLines(of: FilesOf, name: PieceName, lines: readonly unknown[]): Promise<void>;
  /** The pieces of one kind that these units saved, in their order. */
  pieces(of: FilesOf, kind: string, units: readonly string[]): Promise<Piece[]>;
  readLines(piece: Piece): Promise<unknown[]>;
  /** Removes what was begun before that day; gives how many. */
  removeBefore(day: string): Promise<number>;
}

const root = 'gathered/';
const memoryLimitMb = 128;
const compress = promisify(zstdCompress);
const decompress = promisify(zstdDecompress);

/** Files of runs in the container `inventory`, below `gathered/`. */
export function createGatherFiles(deps: { readonly blobs: Blobs; readonly local: LocalFiles }): GatherFiles {
  const { blobs, local } = deps;
  const folderOf = ({ day, runId }: FilesOf, kind: string) => `${root}${day}/${runId}/${kind}/`;
  const blobOf = (of: FilesOf, { kind, number, unit }: PieceName, ending: string) =>
    `${folderOf(of, kind)}${String(number).padStart(9, '0')}-${unit}.${ending}`;

  return {
    async saveRows(of, name, columns, rows) {
      await local.withFolder(async (folder) => {
        const file = path.join(folder, 'piece.parquet');
        const duck = await openDuck({ folder, memoryLimitMb });
        try {
          await duck.table('piece', columns, rows);
          await duck.run(sql`COPY piece TO ${file} (FORMAT parquet, COMPRESSION zstd)`);
        } finally {
          duck.close();
        }
        const type = 'application/vnd.apache.parquet';
        await blobs.putStream(blobOf(of, name, 'parquet'), createReadStream(file), type);
      });
    },

    async saveLines(of, name, lines) {
      const text = lines.map((line) => `${JSON.stringify(line)}\n`).join('');
      const level = { params: { [constants.ZSTD_c_compressionLevel]: 1 } };
      const data = await compress(Buffer.from(text), level);
      await blobs.put(blobOf(of, name, 'jsonl.zst'), data, 'application/zstd');
    },

    async pieces(of, kind, units) {
      const known = new Set(units);
      const found: Piece[] = [];
      for await (const { name } of blobs.list(folderOf(of, kind))) {
        const [, number, unit = ''] = /\/(\d{9})-(\w+)\.[\w.]+$/.exec(name) ?? [];
        if (known.has(unit)) found.push({ number: Number(number), blob: name });
      }
      return found.sort((one, other) => one.number - other.number);
    },

    async readLines({ blob }) {
      const data = await blobs.get(blob);
      if (!data) return [];
      const text = (await decompress(data)).toString('utf8');
      return text
        .split('\n')
        .filter((line) => line !== '')
        .map((line): unknown => JSON.parse(line));
    },

    async removeBefore(day) {
      let removed = 0;
      for await (const { name } of blobs.list(root)) {
        // Names are in the order of their days: the first that stays is the first of those that stay.
        if (name.slice(root.length, root.length + day.length) >= day) break;
        if (await blobs.remove(name)) removed += 1;
      }
      return removed;
    },
  };
}
