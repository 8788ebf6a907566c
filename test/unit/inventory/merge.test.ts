import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { zstdCompressSync } from 'node:zlib';
import { createDucks, fileList } from '../../../src/inventory/duck.ts';
import { logLine } from '../../../src/inventory/log-line.ts';
import { type MergeResult, mergeInventory } from '../../../src/inventory/merge.ts';
import { createDice, createDriveModel, stir } from '../../support/drive-model.ts';

const withDuck = createDucks();
const partRows = 12;

describe('an inventory of several parts', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'merge-test-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  /** Adds what the model tells to the inventory before. */
  async function merge(
    model: ReturnType<typeof createDriveModel>,
    base: MergeResult | undefined,
    round: number,
  ) {
    const made = path.join(folder, String(round));
    await mkdir(made);
    const log = path.join(made, 'log.tsv.zst');
    const lines = model.take().map((item, index) => logLine(item, index));
    await writeFile(log, zstdCompressSync(Buffer.from(lines.join(''))));
    return withDuck({ folder: made, memoryLimitMb: 128 }, (duck) =>
      mergeInventory(duck, {
        driveId: 'drive-1',
        folder: made,
        logs: [log],
        base: (base?.parts ?? []).map(({ file, from, rows }) => ({ file, from, rows })),
        partRows,
        onPart: () => undefined,
      }),
    );
  }

  function linesOf({ parts }: MergeResult): Promise<string[]> {
    const files = fileList(parts.map((part) => part.file));
    return withDuck({ folder, memoryLimitMb: 128 }, async (duck) => {
      const rows = await duck.rows(`SELECT path || ' ' || item_id AS line, path FROM read_parquet(${files})`);
      const paths = rows.map((row) => Buffer.from(String(row.path)));
      expect(paths).toEqual([...paths].sort(Buffer.compare));
      return rows.map((row) => String(row.line)).filter((line) => line !== '/ root');
    });
  }

  it.each([11, 12, 13, 14])('is what a walk over the tree finds (seed %s)', async (seed) => {
    const dice = createDice(seed);
    const model = createDriveModel();
    stir(model, dice, 1500);
    let result = await merge(model, undefined, 0);
    expect(result.parts.length).toBeGreaterThan(2);
    for (let round = 1; round <= 6; round += 1) {
      stir(model, dice, Math.ceil(dice() * 12));
      result = await merge(model, result, round);
      expect((await linesOf(result)).sort()).toEqual(model.expected());
    }
  });

  it('writes only the parts anew that a change falls into', async () => {
    const model = createDriveModel();
    const folders = Array.from({ length: 20 }, () => model.addFolder('root'));
    for (const id of folders) for (let i = 0; i < 50; i += 1) model.addFile(id);
    const first = await merge(model, undefined, 0);
    expect(first.parts.length).toBeGreaterThan(20);
    model.addFile(folders[3] ?? '');

    const second = await merge(model, first, 1);
    expect(second.parts.filter((part) => part.kept === undefined)).toHaveLength(1);
    expect((await linesOf(second)).sort()).toEqual(model.expected());

    model.rename(folders[3] ?? '', 'Elsewhere');
    const third = await merge(model, second, 2);
    expect((await linesOf(third)).sort()).toEqual(model.expected());
  });
});
