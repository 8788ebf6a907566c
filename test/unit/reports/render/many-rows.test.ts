import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';

const program = path.join(import.meta.dirname, 'render-many.ts');

/** A quarter of a million by every `npm test`, VALET_ROWS of them where there is time, as on CI: the memory is the same. */
const rows = Number(process.env.VALET_ROWS ?? 250_000);

describe(`${rows} rows`, () => {
  it.each(['csv', 'jsonl', 'xlsx', 'parquet'])(
    'become %s within 512 MiB and 20 seconds',
    async (format) => {
      const { stdout } = await promisify(execFile)(process.execPath, [program, format, String(rows)]);
      const took = JSON.parse(stdout);
      expect(took.size).toBeGreaterThan(5 * rows);
      expect(took.peakMb).toBeLessThan(512);
      expect(took.ms).toBeLessThan(20_000);
    },
    60_000,
  );
});
