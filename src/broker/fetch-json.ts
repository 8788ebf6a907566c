import { AppError } from '../errors.ts';
import type { Fetch } from '../ports.ts';

const limitBytes = 100 * 1024;
const timeoutMs = 5_000;

/**
 * One small JSON document from another service: no redirect is followed, nothing above 100 KiB is read, and five
 * seconds are enough. Throws `upstream_unavailable`; what the service sent is never repeated.
 */
export async function fetchJson(fetch: Fetch, url: string, what: string): Promise<unknown> {
  const failed = (reason: string, cause?: unknown) =>
    new AppError('upstream_unavailable', `${what} could not be read. Try again shortly.`, {
      detail: `${what} of ${new URL(url).host}: ${reason}`,
      cause,
      retryable: true,
      retryAfter: 10,
    });
  let text: string | undefined;
  try {
    const answer = await fetch(url, {
      headers: { accept: 'application/json' },
      redirect: 'error',
      signal: AbortSignal.timeout(timeoutMs),
    });
    if (answer.status !== 200) {
      await answer.body?.cancel();
      throw failed(`status ${answer.status}`);
    }
    text = await readBounded(answer);
  } catch (error) {
    throw error instanceof AppError ? error : failed('no answer', error);
  }
  if (text === undefined) throw failed(`more than ${limitBytes} bytes`);
  try {
    return JSON.parse(text);
  } catch (error) {
    throw failed('not JSON', error);
  }
}

async function readBounded(answer: Response): Promise<string | undefined> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of answer.body ?? []) {
    size += chunk.byteLength;
    // Leaving the loop cancels the rest of the body.
    if (size > limitBytes) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
