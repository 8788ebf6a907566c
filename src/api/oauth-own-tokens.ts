import { z } from 'zod';
import type { Authorization } from '../broker/authorization/authorization.ts';
import { requireApiScope, requirePublicClient } from '../broker/authorization/public-clients.ts';
import type { OnBehalfOf } from '../broker/on-behalf-of/on-behalf-of.ts';
import type { Ports } from '../ports.ts';
import type { ApiOperation } from './api-operation.ts';
import type { AuthenticateCaller } from './authenticate-caller.ts';
import { type Handler, json, readForm } from './http.ts';
import { oauthErrorSchema } from './oauth-errors.ts';
import { isHandle } from './oauth-on-behalf.ts';
import { withOAuthErrors } from './with-oauth-errors.ts';

const limitBytes = 16 * 1024;

export const ownTokenOperations: readonly ApiOperation[] = [
  {
    method: 'POST',
    path: '/oauth2/device_authorization',
    summary: 'A code with which a person lets a program of theirs in (RFC 8628)',
    auth: 'none',
    request: z.object({ client_id: z.string(), scope: z.string().optional() }),
    requestMediaType: 'application/x-www-form-urlencoded',
    response: z.object({
      device_code: z.string(),
      user_code: z.string(),
      verification_uri: z.url(),
      verification_uri_complete: z.url(),
      expires_in: z.int(),
      interval: z.int(),
    }),
    error: oauthErrorSchema,
  },
  {
    method: 'POST',
    path: '/oauth2/revoke',
    summary:
      'End the sign-in of a program, whichever of its tokens is given, or the handle of a caller that proves itself (RFC 7009)',
    auth: 'none',
    request: z.object({
      token: z.string(),
      token_type_hint: z.string().optional(),
      client_id: z.string().optional(),
    }),
    requestMediaType: 'application/x-www-form-urlencoded',
    error: oauthErrorSchema,
  },
];

export interface OwnTokensApi {
  /** `POST /oauth2/device_authorization` */
  readonly deviceAuthorization: Handler;
  /** `POST /oauth2/revoke` */
  readonly revoke: Handler;
}

export function createOwnTokensApi(deps: {
  readonly authorization: Authorization;
  readonly authenticate: Pick<AuthenticateCaller, 'byAnyProof'>;
  readonly onBehalfOf: Pick<OnBehalfOf, 'end'>;
  readonly publicUrl: string;
  readonly ports: Pick<Ports, 'log' | 'random'>;
}): OwnTokensApi {
  const { authorization, ports, publicUrl } = deps;
  return {
    deviceAuthorization: withOAuthErrors(async (request) => {
      const form = await readForm(request, { limitBytes });
      const client = requirePublicClient(form.get('client_id'));
      requireApiScope(form.get('scope'));
      const begun = await authorization.devices.begin(client);
      return json(200, {
        device_code: begun.deviceCode,
        user_code: begun.userCode,
        verification_uri: `${publicUrl}/device`,
        verification_uri_complete: `${publicUrl}/device?user_code=${begun.userCode}`,
        expires_in: begun.expiresInSeconds,
        interval: begun.intervalSeconds,
      });
    }, ports),

    revoke: withOAuthErrors(async (request) => {
      const form = await readForm(request, { limitBytes });
      const token = form.get('token') ?? '';
      // An unknown token is as good as one that was ended (RFC 7009 section 2.2).
      if (isHandle(token)) {
        await deps.onBehalfOf.end(token, await deps.authenticate.byAnyProof(request, form));
      } else {
        const client = requirePublicClient(form.get('client_id'));
        await authorization.tokens.revoke(token, client.id);
      }
      return { status: 200 };
    }, ports),
  };
}
