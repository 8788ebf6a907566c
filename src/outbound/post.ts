import { AppError } from '../errors.ts';
import type { Fetch } from '../ports.ts';
import { type AddressRules, requirePublic, unavailable } from './public-address.ts';

/**
 * Sends JSON (a text as it stands) to an address that an administrator wrote. Throws `invalid_target` for an address that isn't a
 * public https one and for an answer of 4xx, `upstream_unavailable` for any other failure. No redirect is followed.
 */
export type Post = (url: string, body: unknown, headers: Readonly<Record<string, string>>) => Promise<void>;

const timeoutMs = 10_000;

export function createPost(fetch: Fetch, rules: AddressRules = {}): Post {
  return async (url, body, headers) => {
    await requirePublic(url, rules);
    const { status, retryAfter } = await send(fetch, url, body, headers);
    if (status >= 200 && status < 300) return;
    if (status >= 400 && status < 500 && status !== 429) {
      throw new AppError('invalid_target', `The webhook answered ${status}.`);
    }
    throw unavailable(`it answered ${status}`, undefined, retryAfter);
  };
}

async function send(fetch: Fetch, url: string, body: unknown, headers: Readonly<Record<string, string>>) {
  try {
    const answer = await fetch(url, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json' },
      body: typeof body === 'string' ? body : JSON.stringify(body),
      redirect: 'manual',
      signal: AbortSignal.timeout(timeoutMs),
    });
    await answer.body?.cancel();
    const seconds = Number(answer.headers.get('retry-after') ?? Number.NaN);
    return { status: answer.status, retryAfter: seconds > 0 ? Math.ceil(seconds) : undefined };
  } catch (error) {
    throw unavailable('no answer came', error);
  }
}
