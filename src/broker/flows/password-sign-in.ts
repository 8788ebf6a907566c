import { AppError, isAppError } from '../../errors.ts';
import type { Connection } from '../connection.ts';
import type { Entra } from '../entra.ts';
import { signInScopes } from '../sign-in-scopes.ts';
import type { AcceptGrant } from './accept-grant.ts';
import { aadstsNumbers, explainRefusal } from './explain-refusal.ts';

/**
 * User name and password, for tenants that still have accounts without a second factor. The password is handed to Microsoft and
 * kept nowhere. Throws `forbidden` while the setting is off, `access_denied` with what Microsoft objects to,
 * `interaction_required` where a person is needed, and what `AcceptGrant` throws.
 */
export type PasswordSignIn = (given: { username: string; password: string }) => Promise<Connection>;

export function createPasswordSignIn(deps: {
  readonly enabled: boolean;
  readonly tenantId: string;
  readonly entra: Pick<Entra, 'redeemPassword'>;
  readonly acceptGrant: AcceptGrant;
  readonly keyCheck: () => Promise<void>;
}): PasswordSignIn {
  return async ({ username, password }) => {
    if (!deps.enabled) {
      throw new AppError(
        'forbidden',
        'Sign-in with a password is switched off here. An administrator can switch it on with GRAPH_VALET_SIGN_IN_WAYS; a sign-in in the browser is safer.',
      );
    }
    await deps.keyCheck();
    const grant = await deps.entra
      .redeemPassword({ tenantId: deps.tenantId, username, password, scopes: signInScopes })
      .catch((error: unknown) => {
        throw isAppError(error) ? explain(error) : error;
      });
    return deps.acceptGrant(grant, {});
  };
}

const means = {
  by: 'a password alone',
  instead: 'Sign in to this account in the browser or with a device code instead.',
};

/** Both alike: whoever guesses must not learn which names exist. */
const wrongNumbers = new Set([50126, 50034]);

function explain(error: AppError): AppError {
  const options = error.detail === undefined ? {} : { detail: error.detail };
  if (aadstsNumbers(error).some((number) => wrongNumbers.has(number))) {
    return new AppError('access_denied', 'User name or password is wrong.', options);
  }
  const explained = explainRefusal(error, means);
  if (explained.code !== 'reauth_required') return explained;
  return new AppError(
    'access_denied',
    `Microsoft refuses this user name and password. ${means.instead}`,
    options,
  );
}
