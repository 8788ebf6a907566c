import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import type { HttpRequest } from '@azure/functions';
import { AppError, isAppError } from '../errors.ts';
import { stampOf } from '../jobs/deliver-run.ts';
import type { Jobs } from '../jobs/jobs.ts';
import type { RunFile } from '../jobs/run.ts';
import type { Ports } from '../ports.ts';
import { stampedName } from '../reports/deliver/file-name.ts';
import type { ApiOperation } from './api-operation.ts';
import type { Authorize } from './authorize.ts';
import { type Handler, routeParameter, withApiErrors } from './http.ts';
import type { OwnJobs } from './own-jobs.ts';

export const runFileOperations: readonly ApiOperation[] = [
  {
    method: 'GET',
    path: '/api/runs/{id}/files/{file}',
    summary: 'Download a file of a run; a large one in parts, by the header Range',
    auth: 'person',
  },
];

/** The host keeps an answer in memory as a whole: what is larger is packed, or given in parts. */
const mostBytes = 64 * 1024 * 1024;
/** Rows of text are a tenth of their size when they are packed; what is packed already stays as large. */
const text = /^(text\/|application\/(x-ndjson|jsonl))/;

/** `GET /api/runs/{id}/files/{file}`: for a session and for a bearer. A report is never shown as a page of this site. */
export function createRunFile(deps: {
  readonly jobs: Pick<Jobs, 'read' | 'stream'>;
  readonly ownJobs: Pick<OwnJobs, 'run'>;
  readonly authorize: Authorize;
  readonly ports: Pick<Ports, 'log' | 'random'>;
  /** What an answer may hold; 64 MiB unless given. */
  readonly limitBytes?: number;
}): Handler {
  const { jobs, ownJobs, authorize, ports, limitBytes = mostBytes } = deps;

  return withApiErrors(async (request) => {
    const run = await ownJobs.run(routeParameter(request, 'id'), await authorize(request, 'person'));
    const name = routeParameter(request, 'file');
    const file = run.files.find((each) => each.name === name);
    if (!file) throw new AppError('not_found', 'This run has no such file.');
    const range = rangeOf(request, file.size, limitBytes);
    const packed = !range && file.size > limitBytes;
    if (packed && !mayBePacked(request, file)) throw tooLarge(file.size, limitBytes);
    const body = packed ? await pack(file) : file.size === 0 ? Buffer.alloc(0) : await read(file, range);
    const headers: Record<string, string> = {
      ...(packed ? { 'content-encoding': 'gzip', vary: 'accept-encoding' } : {}),
      'content-type': file.contentType,
      'content-disposition': `attachment; filename="${stampedName(file, stampOf(run))}"`,
      'accept-ranges': 'bytes',
      ...(range ? { 'content-range': `bytes ${range.first}-${range.last}/${file.size}` } : {}),
    };
    return { status: range ? 206 : 200, headers, body };
  }, ports);

  async function read({ blob, size }: RunFile, range: Range | undefined): Promise<Buffer> {
    const { first, last } = range ?? { first: 0, last: size - 1 };
    try {
      return await jobs.read(blob, first, last - first + 1);
    } catch (error) {
      if (!isAppError(error, 'not_found')) throw error;
      throw gone(error);
    }
  }

  async function pack({ blob, size }: RunFile): Promise<Buffer> {
    const stream = await jobs.stream(blob);
    if (!stream) throw gone();
    const pieces: Buffer[] = [];
    let left = limitBytes;
    await pipeline(stream, createGzip({ level: 1 }), async (packed: AsyncIterable<Buffer>) => {
      for await (const piece of packed) {
        left -= piece.length;
        if (left < 0) throw tooLarge(size, limitBytes);
        pieces.push(piece);
      }
    });
    return Buffer.concat(pieces);
  }
}

function mayBePacked(request: HttpRequest, { contentType }: RunFile): boolean {
  return text.test(contentType) && /\bgzip\b/.test(request.headers.get('accept-encoding') ?? '');
}

function gone(cause?: unknown): AppError {
  return new AppError('gone', 'The file was removed: its time was over. Run the job again.', { cause });
}

function tooLarge(size: number, limitBytes: number): AppError {
  return new AppError(
    'body_too_large',
    `The file has ${size} bytes. Ask for parts of at most ${limitBytes} with the header Range, or let a delivery bring it.`,
    { details: { size, limitBytes } },
  );
}

interface Range {
  readonly first: number;
  readonly last: number;
}

/** One range as RFC 9110 has it, cut to what an answer may hold; any other header counts as none. */
function rangeOf(request: HttpRequest, size: number, limitBytes: number): Range | undefined {
  const asked = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(request.headers.get('range') ?? '');
  const [from = '', to = ''] = asked?.slice(1) ?? [];
  if (from === '' && to === '') return undefined;
  const first = from === '' ? Math.max(size - Number(to), 0) : Number(from);
  const last = from === '' || to === '' ? size - 1 : Math.min(Number(to), size - 1);
  return first <= last ? { first, last: Math.min(last, first + limitBytes - 1) } : undefined;
}
