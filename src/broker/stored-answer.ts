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
    // One that is over when it comes tells of a clock that is ahead of Microsoft's: by that clock it lives as long as was said.
    expiresAt:
      checked.expiresAt !== undefined && checked.expiresAt > grant.obtainedAt
        ? Math.min(grant.expiresAt, checked.expiresAt)
        : grant.expiresAt,
    refreshAt: grant.refreshAt,
    epoch,
  };
}

/** The answer for the store, where instances read it whose clocks are right: no longer than the token itself says. */
export function forStore(answer: StoredAnswer, checked: Pick<CheckedToken, 'expiresAt'>): StoredAnswer {
  return { ...answer, expiresAt: Math.min(answer.expiresAt, checked.expiresAt ?? answer.expiresAt) };
}

const hardMarginMs = 5 * 60_000;

/**
 * Until when a token is given out while a new one can be had: five minutes before its end, as Microsoft's own libraries have it,
 * or a twelfth of a shorter life.
 */
export function usableUntil(answer: Pick<StoredAnswer, 'obtainedAt' | 'expiresAt'>): number {
  const life = Math.max(0, answer.expiresAt - answer.obtainedAt);
  return answer.expiresAt - Math.min(hardMarginMs, life / 12);
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
