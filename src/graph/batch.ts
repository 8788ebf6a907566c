import { z } from 'zod';
import { AppError } from '../errors.ts';
import type { GraphClient } from './graph-client.ts';
import { toHeaders } from './plain-headers.ts';

/** Microsoft takes no more in one batch. */
export const largestBatch = 20;

/** The answer to one of several questions. */
export interface BatchAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: unknown;
}

const member = z.object({
  id: z.string(),
  status: z.number().int(),
  headers: z.unknown().optional(),
  body: z.unknown().optional(),
});
const answers = z.object({ responses: z.array(member) });

/**
 * Asks up to 20 things with GET in one call; each is priced by itself, each has a status of its own. Gives the answers in the order of
 * the paths, which are relative to the version: `/drives/{id}`. When one of them is refused for load, the gate has been told already.
 */
export async function readBatch(
  client: GraphClient,
  paths: readonly string[],
  headers?: Readonly<Record<string, string>>,
): Promise<BatchAnswer[]> {
  if (paths.length === 0) return [];
  const requests = paths.map((url, index) => ({
    id: String(index + 1),
    method: 'GET',
    url,
    ...(headers ? { headers } : {}),
  }));
  const { body } = await client.call({
    method: 'POST',
    path: '/$batch',
    body: { requests },
    schema: answers,
  });
  const byId = new Map(body.responses.map((answer) => [answer.id, answer]));
  return paths.map((_, index) => toAnswer(byId.get(String(index + 1))));
}

/** True for what may be answered when it is asked again later: refused for load, or broken. */
export function isPassing(status: number): boolean {
  return status === 429 || status === 509 || status >= 500;
}

const tries = 4;

/**
 * Asks any number of things, 20 at a time, and those again that were refused for load or broke. Throws `throttled` with `retryAfter`
 * when the load does not pass in a short time; another failure is the answer to its question.
 */
export async function readMany(
  client: GraphClient,
  paths: readonly string[],
  headers?: Readonly<Record<string, string>>,
): Promise<BatchAnswer[]> {
  const found: BatchAnswer[] = [];
  let open = paths.map((path, index) => ({ path, index }));
  for (let attempt = 1; open.length > 0; attempt += 1) {
    const again: typeof open = [];
    for (let start = 0; start < open.length; start += largestBatch) {
      const some = open.slice(start, start + largestBatch);
      const replies = await readBatch(
        client,
        some.map(({ path }) => path),
        headers,
      );
      for (const [at, reply] of replies.entries()) {
        const question = some[at];
        if (!question) continue;
        if (attempt < tries && isPassing(reply.status)) again.push(question);
        else if (reply.status === 429 || reply.status === 503) throw stillBusy();
        else found[question.index] = reply;
      }
    }
    open = again;
  }
  return found;
}

function stillBusy(): AppError {
  return new AppError('throttled', 'Microsoft Graph asks to slow down.', { retryable: true, retryAfter: 30 });
}

/** A question that a batch left without an answer is one to ask again. */
function toAnswer(answer: z.infer<typeof member> | undefined): BatchAnswer {
  if (!answer) return { status: 504, headers: new Headers(), body: undefined };
  return { status: answer.status, headers: toHeaders(answer.headers), body: answer.body };
}
