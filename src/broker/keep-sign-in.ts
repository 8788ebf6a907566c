import { isAppError } from '../errors.ts';
import type { Ports } from '../ports.ts';
import type { Connection, Connections } from './connections.ts';
import type { EntraGrant } from './entra.ts';
import type { SignedInPerson } from './id-token.ts';
import { graphResource } from './issued-token.ts';
import type { MsalCredentials } from './msal-partition.ts';
import { signInScopes } from './sign-in-scopes.ts';
import { answerKey, forStore, toStoredAnswer, withAnswer } from './stored-answer.ts';
import { checkToken } from './token-check.ts';
import { type TokenRows, userRow } from './token-rows.ts';
import { shortScopes } from './token-scopes.ts';

/** What a person's sign-in must have brought. */
export interface SignInGrant extends EntraGrant {
  readonly homeAccountId: string;
  readonly credentials: MsalCredentials;
}

/**
 * Keeps what a person's sign-in brought, in whatever way they signed in: connection and tokens, the same connection at each
 * sign-in. The access token is compared with the person first: throws `token_mismatch`, and keeps nothing then.
 */
export type KeepSignIn = (
  grant: SignInGrant,
  person: SignedInPerson,
  options?: {
    /** What was asked for; the usual unless given. */
    readonly scopes?: readonly string[];
    /** Object id of another person here, whose account this is too. Throws `conflict` when somebody else has connected it. */
    readonly connectFor?: string | undefined;
  },
) => Promise<Connection>;

export function createKeepSignIn(deps: {
  readonly connections: Pick<Connections, 'saveUser'>;
  readonly rows: TokenRows;
  readonly clientId: string;
  readonly ports: Pick<Ports, 'clock'>;
}): KeepSignIn {
  const { connections, rows, ports } = deps;
  return async (grant, person, { scopes = signInScopes, connectFor } = {}) => {
    const checked = checkToken(grant.accessToken, grant.scopes, {
      kind: 'user',
      tenantId: person.tenantId,
      objectId: person.objectId,
      clientId: deps.clientId,
      resource: graphResource,
      scopes: shortScopes(scopes, graphResource),
    });
    const connection = await connections.saveUser({
      ...person,
      displayName: person.name,
      homeAccountId: grant.homeAccountId,
      scopes: checked.scopes,
      connectFor,
    });
    const answer = toStoredAnswer(
      answerKey(connection.id, graphResource, []),
      grant,
      checked,
      connection.epoch,
    );
    const fence = await fenceOf(connection.id);
    await rows.replace(connection.id, userRow, {
      fence,
      credentials: grant.credentials,
      answers: withAnswer([], forStore(answer, checked), ports.clock()),
    });
    return connection;
  };

  /** What can't be read any more is replaced by what the person has proved now. */
  async function fenceOf(connectionId: string): Promise<number> {
    try {
      return (await rows.read(connectionId, userRow))?.value.fence ?? 0;
    } catch (error) {
      if (isAppError(error, 'credential_undecryptable')) return 0;
      throw error;
    }
  }
}

/** True when Microsoft's answer has all that a sign-in needs. */
export function isSignInGrant(grant: EntraGrant): grant is SignInGrant & { idToken: string } {
  return grant.idToken !== undefined && grant.credentials !== undefined && grant.homeAccountId !== undefined;
}
