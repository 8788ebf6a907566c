import { mkdtemp, open, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { renderers } from '../../../../src/reports/render/index.ts';
import { manyRows } from './sample-report.ts';

/** A program: renders `argv[3]` rows as `argv[2]` and prints what it took as JSON. */
const renderer = Object.values(renderers).find(({ format }) => format === process.argv[2]);
if (!renderer) throw new Error(`no format ${process.argv[2]}`);
const count = Number(process.argv[3]);
const tempDir = await mkdtemp(path.join(tmpdir(), 'render-many-'));
try {
  const began = performance.now();
  const target = path.join(tempDir, 'file');
  const file = await open(target, 'w');
  for await (const piece of renderer.render(manyRows(count), { tempDir })) await file.write(piece);
  await file.close();
  const ms = performance.now() - began;
  const { size } = await stat(target);
  console.log(JSON.stringify({ ms, size, peakMb: process.resourceUsage().maxRSS / 1024 }));
} finally {
  await rm(tempDir, { recursive: true, force: true });
}
