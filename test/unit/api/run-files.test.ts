import { Readable } from 'node:stream';
import { gunzipSync } from 'node:zlib';
import { HttpRequest } from '@azure/functions';
import { createRunFile } from '../../../src/api/run-files.ts';
import { AppError } from '../../../src/errors.ts';
import type { Run } from '../../../src/jobs/run.ts';
import { aJob } from '../../support/a-job.ts';

const content = 'path,size\r\n'.repeat(200);
const files = [
  { format: 'csv', name: 'daily.csv', contentType: 'text/csv; charset=utf-8' },
  { format: 'xlsx', name: 'daily.xlsx', contentType: 'application/vnd.ms-excel' },
].map((file) => ({ ...file, blob: file.name, size: content.length, rows: 199 }));

/** A file of 2,200 bytes where an answer may hold 1,000. */
const handler = createRunFile({
  limitBytes: 1_000,
  jobs: {
    read: async (_blob, offset, length) => Buffer.from(content).subarray(offset, offset + length),
    stream: async () => Readable.from([Buffer.from(content)]),
  },
  ownJobs: {
    run: (id) =>
      id === 'daily.1'
        ? Promise.resolve({ files, createdAt: 0, definition: aJob() } as unknown as Run)
        : Promise.reject(new AppError('not_found', 'There is no such run.')),
  },
  authorize: () => Promise.resolve({} as never),
  ports: {
    log: { info: () => undefined, warn: () => undefined, error: () => undefined },
    random: (n) => Buffer.alloc(n),
  },
});

const ask = (file: string, headers: Record<string, string> = {}) =>
  handler(
    new HttpRequest({ method: 'GET', url: 'https://valet.test/x', params: { id: 'daily.1', file }, headers }),
  );

describe('a file that is larger than an answer', () => {
  it('comes packed where it is text and the browser unpacks', async () => {
    const answer = await ask('daily.csv', { 'accept-encoding': 'gzip, deflate, br' });
    expect(answer).toMatchObject({ status: 200, headers: { 'content-encoding': 'gzip' } });
    expect(gunzipSync(answer.body as Buffer).toString()).toBe(content);
  });

  it('is refused as a whole where it would not fit, with the size and the way to get it', async () => {
    for (const refused of [ask('daily.csv'), ask('daily.xlsx', { 'accept-encoding': 'gzip' })]) {
      const { status, body } = await refused;
      expect(status).toBe(413);
      expect(JSON.parse(String(body)).error).toMatchObject({
        code: 'body_too_large',
        message: expect.stringContaining('Range'),
        details: { size: content.length, limitBytes: 1_000 },
      });
    }
  });

  it('comes in parts, none larger than an answer may be', async () => {
    const got: string[] = [];
    while (got.join('').length < content.length) {
      const { status, body } = await ask('daily.csv', { range: `bytes=${got.join('').length}-` });
      expect(status).toBe(206);
      expect((body as Buffer).length).toBeLessThanOrEqual(1_000);
      got.push(String(body));
    }
    expect(got.join('')).toBe(content);
    const end = await ask('daily.csv', { range: 'bytes=-4' });
    expect(String(end.body)).toBe('ze\r\n');
  });
});
