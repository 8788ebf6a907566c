import type { User } from '../directory/types.ts';
import { Refusal } from './aadsts.ts';
import type { Switches } from './switches.ts';

/** Throws what stands against this person on every grant: 50057, 50053, 53003. */
export function checkUser(user: User, switches: Switches): void {
  if (!user.enabled) throw new Refusal('invalid_grant', 50057, 'The user account is disabled.');
  if (user.locked) {
    throw new Refusal(
      'invalid_grant',
      50053,
      "The account is locked, you've tried to sign in too many times with an incorrect user ID or password.",
    );
  }
  if (names(switches.block, user)) {
    throw new Refusal(
      'invalid_grant',
      53003,
      'Access has been blocked by Conditional Access policies. The access policy does not allow token issuance.',
      {
        claims: policyClaims,
      },
    );
  }
}

/** Throws 50076 when a second factor is asked of a grant that was made without one, or before it was asked. */
export function checkFactor(
  user: User,
  switches: Switches,
  methods: readonly string[],
  error: string = switches.mfaError,
): void {
  if (!names(switches.requireMfa, user) || methods.includes('mfa')) return;
  throw new Refusal(
    error,
    50076,
    'Due to a configuration change made by your administrator, or because you moved to a new location, you must use multi-factor authentication to access the resource.',
    { suberror: 'basic_action', claims: policyClaims },
  );
}

/** Throws 50173 when the sessions of this person were revoked, or the password changed, after `issuedAt` (epoch seconds). */
export function checkRevoked(user: User, issuedAt: number): void {
  if (issuedAt >= user.sessionsValidFrom) return;
  throw new Refusal(
    'invalid_grant',
    50173,
    'The provided grant has expired due to it being revoked, a fresh auth token is needed. The user might have changed or reset their password.',
    { suberror: 'bad_token' },
  );
}

const policyClaims = JSON.stringify({
  access_token: { polids: { essential: true, values: ['5ce770ea-8690-4747-aa73-c5b3cd509cd4'] } },
});

export function names(list: readonly string[], user: User): boolean {
  return list.includes('*') || list.some((upn) => upn.toLowerCase() === user.upn.toLowerCase());
}
