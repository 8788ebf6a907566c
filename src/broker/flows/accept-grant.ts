import { AppError } from '../../errors.ts';
import type { Connection } from '../connection.ts';
import type { EntraGrant } from '../entra.ts';
import type { SignedInPerson, VerifyIdToken } from '../id-token.ts';
import { isSignInGrant, type KeepSignIn } from '../keep-sign-in.ts';

/** Whom a sign-in without a browser of ours must turn out to be; what is not named may be anybody of the tenant. */
export interface ExpectedPerson {
  readonly objectId?: string | undefined;
  readonly username?: string | undefined;
}

/**
 * Proves whose tokens these are, and only then keeps them. Throws `sign_in_failed` for another person, another app or another
 * tenant, and `token_mismatch`; nothing is kept then.
 */
export type AcceptGrant = (grant: EntraGrant, expected: ExpectedPerson) => Promise<Connection>;

export function createAcceptGrant(deps: {
  readonly verifyIdToken: VerifyIdToken;
  readonly keepSignIn: KeepSignIn;
}): AcceptGrant {
  return async (grant, expected) => {
    if (!isSignInGrant(grant)) {
      throw new AppError('sign_in_failed', 'Microsoft’s answer does not say whose sign-in this is.');
    }
    const person = await deps.verifyIdToken(grant.idToken);
    refuseOther(person, expected);
    return deps.keepSignIn(grant, person);
  };
}

function refuseOther(person: SignedInPerson, { objectId, username }: ExpectedPerson): void {
  const other =
    (objectId !== undefined && objectId.toLowerCase() !== person.objectId.toLowerCase()) ||
    (username !== undefined && username.toLowerCase() !== person.username.toLowerCase());
  if (!other) return;
  throw new AppError(
    'sign_in_failed',
    'This is the sign-in of another account than the one that was expected. Nothing was kept.',
    { detail: 'expected account differs' },
  );
}
