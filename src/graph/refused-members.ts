import { toHeaders } from './plain-headers.ts';
import { retryAfterSeconds } from './retry-after.ts';

/** The headers of those members of a batch's answer that were refused for load, the longest wait first; none for another answer. */
export function refusedMembers(body: unknown): Headers[] {
  const responses = (body as { responses?: unknown } | undefined)?.responses;
  if (!Array.isArray(responses)) return [];
  const found = responses.flatMap((answer: { status?: unknown; headers?: unknown } | null) => {
    const headers = toHeaders(answer?.headers);
    const refused =
      answer?.status === 429 ||
      answer?.status === 509 ||
      (answer?.status === 503 && headers.has('retry-after'));
    return refused ? [headers] : [];
  });
  const waitOf = (headers: Headers) => retryAfterSeconds(headers, 0) ?? 0;
  return found.sort((one, other) => waitOf(other) - waitOf(one));
}
