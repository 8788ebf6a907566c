import { z } from 'zod';
import type { EntraGrant } from './entra.ts';
import type { CheckedToken } from './token-check.ts';

export const storedAnswerSchema = z.object({
  /** See `answerKey`. */
  key: z.string(),
  accessToken: z.string(),
  scopes: z.array(z.string()),
  objectId: z.string(),
  /** Milliseconds since 1970, as all times here. */
  obtainedAt: z.number(),
  expiresAt: z.number(),
  /** From then on a newer one is fetched, though this one still serves. */
  refreshAt: z.number(),
  /** Of the connection when it was obtained: another one ends the answer. */
  epoch: z.number().int(),
});

/** An access token as it is kept beside the credentials that it came from. */
export type StoredAnswer = Readonly<z.infer<typeof storedAnswerSchema>>;

/** What an answer answers: connection, resource, scopes (short form, sorted; none: all that the connection holds). */
export function answerKey(connectionId: string, resource: string, scopes: readonly string[]): string {
  return `${connectionId} ${resource.toLowerCase()} ${scopes.join(' ').toLowerCase()}`;
}

export function toStoredAnswer(
  key: string,
  grant: EntraGrant,
  checked: CheckedToken,
  epoch: number,
): StoredAnswer {
  return {
    key,
    accessToken: grant.accessToken,
    scopes: [...checked.scopes],
    objectId: checked.objectId,
    obtainedAt: grant.obtainedAt,
    expiresAt: grant.expiresAt,
    refreshAt: grant.refreshAt,
    epoch,
  };
}

const hardMarginMs = 5 * 60_000;

/**
 * Until when a token is given out while a new one can be had: five minutes before its end, as Microsoft's own libraries have it,
 * or a twelfth of a shorter life.
 */
export function usableUntil(answer: Pick<StoredAnswer, 'obtainedAt' | 'expiresAt'>): number {
  return answer.expiresAt - Math.min(hardMarginMs, (answer.expiresAt - answer.obtainedAt) / 12);
}

const mostAnswers = 12;

/** `answer` before the others of a row; those that are over, and beyond a dozen the oldest, go. */
export function withAnswer(
  others: readonly StoredAnswer[],
  answer: StoredAnswer,
  now: number,
): StoredAnswer[] {
  const kept = others.filter((each) => each.key !== answer.key && each.expiresAt > now);
  return [answer, ...kept].slice(0, mostAnswers);
}
