import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';

const program = path.join(import.meta.dirname, 'render-many.ts');

describe('a million rows', () => {
  it.each(['csv', 'jsonl', 'xlsx', 'parquet'])(
    'become %s within 512 MiB and 20 seconds',
    async (format) => {
      const { stdout } = await promisify(execFile)(process.execPath, [program, format, '1000000']);
      const took = JSON.parse(stdout);
      expect(took.size).toBeGreaterThan(5_000_000);
      expect(took.peakMb).toBeLessThan(512);
      expect(took.ms).toBeLessThan(20_000);
    },
    60_000,
  );
});
