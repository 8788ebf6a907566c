import type { HttpResponseInit } from '@azure/functions';
import type { Audit } from '../broker/audit.ts';
import { auditPerson } from '../broker/audit-event.ts';
import type { Authorization } from '../broker/authorization/authorization.ts';
import type { TokenOwner, TokenPair } from '../broker/authorization/broker-tokens.ts';
import { apiScope, requireApiScope, requirePublicClient } from '../broker/authorization/public-clients.ts';
import { AppError, isAppError } from '../errors.ts';
import { json } from './http.ts';
import { grantTypes } from './oauth-grants.ts';

/** One of the grants that give this installation's own tokens, never Microsoft's. */
export type OwnGrant = (form: URLSearchParams, requestId: string) => Promise<HttpResponseInit>;

/** By `grant_type`. All are for public clients, which name themselves and prove nothing. */
export function createOwnGrants(deps: {
  readonly authorization: Authorization;
  readonly audit: Pick<Audit, 'record'>;
}): Readonly<Record<string, OwnGrant>> {
  const { tokens, devices, codes } = deps.authorization;

  /** The tokens leave only after the audit says so. */
  async function begin(owner: TokenOwner, clientId: string, requestId: string) {
    await deps.audit.record({
      action: 'cli.sign_in',
      outcome: 'granted',
      reason: 'ok',
      requestId,
      actor: auditPerson(owner),
      target: clientId,
    });
    return tokens.begin(owner, clientId);
  }

  return {
    async [grantTypes.authorizationCode](form, requestId) {
      const client = clientOf(form);
      const { owner, began } = await codes.redeem({
        code: required(form, 'code'),
        clientId: client.id,
        redirectUri: form.get('redirect_uri'),
        verifier: form.get('code_verifier'),
      });
      const pair = await begin(owner, client.id, requestId);
      await began(pair.id);
      return answer(pair);
    },

    async [grantTypes.deviceCode](form, requestId) {
      const client = clientOf(form);
      const owner = await devices.redeem(required(form, 'device_code'), client.id);
      return answer(await begin(owner, client.id, requestId));
    },

    async [grantTypes.refreshToken](form, requestId) {
      const client = clientOf(form);
      requireApiScope(form.get('scope'));
      const pair = await tokens
        .refresh(required(form, 'refresh_token'), client.id)
        .catch(async (error: unknown) => {
          if (isAppError(error) && error.detail === 'refresh_token_reused') {
            const event = { action: 'cli.sign_in', outcome: 'refused', reason: error.detail } as const;
            await deps.audit.record({ ...event, requestId, actor: { kind: 'unknown' }, target: client.id });
          }
          throw error;
        });
      return answer(pair);
    },
  };
}

function clientOf(form: URLSearchParams) {
  if (form.has('client_secret')) {
    throw new AppError(
      'invalid_client',
      'A program on a person’s machine has no secret; send client_id alone.',
    );
  }
  return requirePublicClient(form.get('client_id'));
}

function required(form: URLSearchParams, name: string): string {
  const value = form.get(name);
  if (value) return value;
  throw new AppError('invalid_request', `${name} is missing.`);
}

function answer({ accessToken, refreshToken, expiresInSeconds }: TokenPair): HttpResponseInit {
  return json(200, {
    access_token: accessToken,
    token_type: 'Bearer',
    expires_in: expiresInSeconds,
    refresh_token: refreshToken,
    scope: apiScope,
  });
}
