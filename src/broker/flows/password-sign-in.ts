import { AppError, isAppError } from '../../errors.ts';
import type { Connection } from '../connection.ts';
import type { Entra } from '../entra.ts';
import { signInScopes } from '../sign-in-scopes.ts';
import type { AcceptGrant } from './accept-grant.ts';

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

const inBrowser = 'Sign in to this account in the browser or with a device code instead.';

/** By AADSTS number, because Entra calls all of these invalid_grant. */
const refusals: ReadonlyMap<number, string> = new Map([
  [50126, 'User name or password is wrong.'],
  // In the words of the one before: whoever guesses must not learn which names exist.
  [50034, 'User name or password is wrong.'],
  [50053, 'Microsoft has locked this account for now, after too many wrong passwords or from this address.'],
  [50055, `The password has expired and must be changed. ${inBrowser}`],
  [50057, 'This account is disabled.'],
  [53003, `Conditional access does not let this account sign in with a password alone. ${inBrowser}`],
]);

const secondFactor = new Set([50072, 50074, 50076, 50079, 50158]);

function explain(error: AppError): AppError {
  const numbers = [...(error.detail ?? '').matchAll(/AADSTS(\d+)/g)].map(([, number]) => Number(number));
  const options = error.detail === undefined ? {} : { detail: error.detail };
  if (numbers.some((number) => secondFactor.has(number))) {
    return new AppError(
      'interaction_required',
      `This account needs a second factor, which a password alone can't give. ${inBrowser}`,
      options,
    );
  }
  const known = numbers.map((number) => refusals.get(number)).find((text) => text !== undefined);
  if (known) return new AppError('access_denied', known, options);
  if (error.code === 'interaction_required') {
    return new AppError('interaction_required', `Microsoft wants to see the person. ${inBrowser}`, options);
  }
  if (error.code !== 'reauth_required') return error;
  return new AppError(
    'access_denied',
    `Microsoft refuses this user name and password. ${inBrowser}`,
    options,
  );
}
