import type { HttpRequest } from '@azure/functions';
import { AppError } from '../errors.ts';
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

/** The host keeps an answer in memory as a whole: what is larger is given in parts. */
const mostBytes = 64 * 1024 * 1024;

/** `GET /api/runs/{id}/files/{file}`: for a session and for a bearer. A report is never shown as a page of this site. */
export function createRunFile(deps: {
  readonly jobs: Pick<Jobs, 'read'>;
  readonly ownJobs: OwnJobs;
  readonly authorize: Authorize;
  readonly ports: Pick<Ports, 'log' | 'random'>;
}): Handler {
  const { jobs, ownJobs, authorize, ports } = deps;

  return withApiErrors(async (request) => {
    const run = await ownJobs.run(routeParameter(request, 'id'), await authorize(request, 'person'));
    const name = routeParameter(request, 'file');
    const file = run.files.find((each) => each.name === name);
    if (!file) throw new AppError('not_found', 'This run has no such file.');
    const range = rangeOf(request, file.size);
    const body = file.size === 0 ? Buffer.alloc(0) : await read(file, range);
    const headers: Record<string, string> = {
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
      if (!(error instanceof AppError) || error.code !== 'not_found') throw error;
      throw new AppError('gone', 'The file was removed: its time was over. Run the job again.', {
        cause: error,
      });
    }
  }
}

interface Range {
  readonly first: number;
  readonly last: number;
}

/** One range as RFC 9110 has it; any other header counts as none. Throws `body_too_large` for what must be asked for in parts. */
function rangeOf(request: HttpRequest, size: number): Range | undefined {
  const asked = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(request.headers.get('range') ?? '');
  const [from = '', to = ''] = asked?.slice(1) ?? [];
  const range =
    from !== ''
      ? { first: Number(from), last: Math.min(to === '' ? size - 1 : Number(to), size - 1) }
      : to !== ''
        ? { first: Math.max(size - Number(to), 0), last: size - 1 }
        : undefined;
  if (range && range.first <= range.last) {
    return { first: range.first, last: Math.min(range.last, range.first + mostBytes - 1) };
  }
  if (size <= mostBytes) return undefined;
  throw new AppError(
    'body_too_large',
    `The file has ${size} bytes. Ask for parts of at most ${mostBytes} with the header Range, or let a delivery bring it.`,
    { details: { size, mostBytes } },
  );
}
