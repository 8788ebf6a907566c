import { isAppError } from '../../errors.ts';

export type Retry =
  | { readonly kind: 'later'; readonly delaySeconds: number }
  | { readonly kind: 'never' }
  /** The fault is on our side of the fence: the host delivers the message again. */
  | { readonly kind: 'redeliver' };

const minute = 60;

/** Seconds until the next try, by the number of tries so far; none left means that it has failed. */
const schedules = {
  locked: [5 * minute, 15 * minute, 60 * minute],
  person: [15 * minute, 60 * minute, 6 * 60 * minute, 24 * 60 * minute],
  passing: [10, 30, 2 * minute, 5 * minute, 15 * minute, 30 * minute, 60 * minute],
};

/** When an operation that failed with `error` is tried again. `attempts` counts this try too. */
export function retryOf(error: unknown, attempts: number): Retry {
  if (isAppError(error, 'storage_unavailable')) return { kind: 'redeliver' };
  const schedule = scheduleOf(error);
  const delay = schedule[Math.max(0, attempts - 1)];
  if (delay === undefined) return { kind: 'never' };
  const asked = isAppError(error) ? (error.retryAfter ?? 0) : 0;
  return { kind: 'later', delaySeconds: Math.max(delay, asked) };
}

function scheduleOf(error: unknown): readonly number[] {
  if (!isAppError(error)) return schedules.passing;
  switch (error.code) {
    case 'locked':
      return schedules.locked;
    case 'reauth_required':
    case 'interaction_required':
    case 'consent_required':
    case 'claims_challenge':
      return schedules.person;
    case 'precondition_failed':
      return schedules.passing;
    default:
      return error.retryable ? schedules.passing : [];
  }
}
