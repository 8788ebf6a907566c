import type { HttpRequest, HttpResponseInit } from '@azure/functions';
import { z } from 'zod';
import type { CallerIdentity } from '../broker/caller-identity.ts';
import type { OnBehalfAsk, OnBehalfOf, OnBehalfToken } from '../broker/on-behalf-of/on-behalf-of.ts';
import { parseScopes } from '../broker/scopes.ts';
import { AppError } from '../errors.ts';
import type { Clock } from '../ports.ts';
import { bringsCallerProof } from './authenticate-caller.ts';
import { json, parseWith } from './http.ts';
import { grantTypes, tokenTypes } from './oauth-grants.ts';
import { tokenForm, toTokenBody } from './oauth-token-form.ts';

const form = tokenForm.partial({ audience: true }).extend({ refresh_token: z.string().max(200).optional() });

/** A caller that acts for a person: RFC 8693 with the caller’s own proof beside the subject token, and the handle that came of it. */
export interface OnBehalfGrants {
  concerns(request: HttpRequest, form: URLSearchParams): boolean;
  answer(caller: CallerIdentity, form: URLSearchParams, requestId: string): Promise<HttpResponseInit>;
}

export function createOnBehalfGrants(deps: {
  readonly onBehalfOf: Pick<OnBehalfOf, 'exchange' | 'renew'>;
  readonly clock: Clock;
}): OnBehalfGrants {
  const { onBehalfOf, clock } = deps;
  return {
    concerns(request, given) {
      const type = given.get('grant_type');
      if (type === grantTypes.refreshToken) return isHandle(given.get('refresh_token'));
      return type === grantTypes.tokenExchange && bringsCallerProof(request, given);
    },

    async answer(caller, given, requestId) {
      const asked = parseWith(form, Object.fromEntries(given), 'The form');
      if (asked.audience !== undefined) {
        throw new AppError(
          'invalid_request',
          'Leave audience out: the person whose token this is, is who the answer acts for.',
        );
      }
      const scopes = parseScopes(asked.scope ?? '');
      const ask: OnBehalfAsk = {
        requestId,
        caller,
        scopes: scopes.filter((scope) => !openIdScopes.has(scope)),
        resource: asked.resource,
        minTtlSeconds: asked.min_ttl,
        claims: asked.claims,
        forceRefresh: asked.force_refresh,
      };
      if (asked.grant_type === grantTypes.refreshToken) {
        return toAnswer(await onBehalfOf.renew({ ...ask, handle: asked.refresh_token ?? '' }));
      }
      if (
        asked.subject_token_type !== tokenTypes.accessToken &&
        asked.subject_token_type !== tokenTypes.jwt
      ) {
        throw new AppError(
          'invalid_request',
          `To act for a person, subject_token_type must be ${tokenTypes.accessToken}.`,
        );
      }
      const assertion = asked.subject_token;
      if (!assertion) throw new AppError('invalid_request', 'subject_token is missing.');
      const handle = scopes.includes('offline_access');
      return toAnswer(await onBehalfOf.exchange({ ...ask, assertion, handle }), tokenTypes.accessToken);
    },
  };

  function toAnswer({ token, handle }: OnBehalfToken, issuedTokenType?: string): HttpResponseInit {
    return json(200, {
      ...toTokenBody(token, clock()),
      ...(issuedTokenType === undefined ? {} : { issued_token_type: issuedTokenType }),
      ...(handle ? { refresh_token: handle.text, refresh_token_expires_in: handle.expiresInSeconds } : {}),
    });
  }
}

/** `gvh_…`: no other grant knows them. */
export function isHandle(text: string | null): boolean {
  return text?.startsWith('gvh_') === true;
}

const openIdScopes = new Set(['openid', 'profile', 'email', 'offline_access']);
