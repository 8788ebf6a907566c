import { AppError, isAppError } from '../../errors.ts';
import type { Connection } from '../connection.ts';
import type { Entra } from '../entra.ts';
import { signInScopes } from '../sign-in-scopes.ts';
import type { AcceptGrant, ExpectedPerson } from './accept-grant.ts';
import { explainRefusal, type Means } from './explain-refusal.ts';

export interface ImportedToken {
  readonly refreshToken: string;
  /** The app that it was issued to, where the caller knows: another one than ours is refused without asking Microsoft. */
  readonly clientId?: string | undefined;
  readonly expected: ExpectedPerson;
  /** How the token was come by, for the message of a refusal. */
  readonly means?: Means;
}

const byToken = {
  by: 'a refresh token from elsewhere',
  instead: 'Sign in to this account in the browser instead.',
};

/**
 * A refresh token of this app that was obtained elsewhere becomes a connection, after Microsoft has said whose it is. Throws
 * `invalid_request` for another app's token, `invalid_grant` for one that Microsoft doesn't take, and what `AcceptGrant` throws.
 */
export type ImportSignIn = (token: ImportedToken) => Promise<Connection>;

export function createImportSignIn(deps: {
  readonly tenantId: string;
  readonly clientId: string;
  readonly entra: Pick<Entra, 'redeemRefreshToken'>;
  readonly acceptGrant: AcceptGrant;
  readonly keyCheck: () => Promise<void>;
}): ImportSignIn {
  const { tenantId, clientId } = deps;
  return async (token) => {
    if (token.clientId !== undefined && token.clientId.toLowerCase() !== clientId.toLowerCase()) {
      throw new AppError(
        'invalid_request',
        'A refresh token works only with the app that it was issued to, and this one was issued to another. Sign in again here.',
      );
    }
    await deps.keyCheck();
    const grant = await deps.entra
      .redeemRefreshToken({ tenantId, refreshToken: token.refreshToken, scopes: signInScopes })
      .catch((error: unknown) => {
        if (!isAppError(error)) throw error;
        const explained = explainRefusal(error, token.means ?? byToken);
        if (explained.code !== 'reauth_required') throw explained;
        // There is no stored sign-in yet that could have ended: it is this token that was refused.
        throw new AppError(
          'invalid_grant',
          'Microsoft does not accept this refresh token for this app and this tenant. Sign in again here.',
          error.detail === undefined ? {} : { detail: error.detail },
        );
      });
    return deps.acceptGrant(grant, token.expected);
  };
}
