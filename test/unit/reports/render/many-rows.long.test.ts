import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';

const program = path.join(import.meta.dirname, 'render-many.ts');

const rows = 1_000_000;

describe('a million rows', () => {
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
