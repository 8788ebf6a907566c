import type { HttpRequest, HttpResponseInit } from '@azure/functions';
import { z } from 'zod';
import type { Audit } from '../broker/audit.ts';
import type { CallerIdentity } from '../broker/caller-identity.ts';
import type { IssueToken } from '../broker/issue-token.ts';
import type { IssuedToken } from '../broker/issued-token.ts';
import { createRateLimit } from '../broker/rate-limit.ts';
import { parseScopes } from '../broker/scopes.ts';
import { AppError, isAppError } from '../errors.ts';
import type { Ports } from '../ports.ts';
import type { ApiOperation } from './api-operation.ts';
import type { AuthenticateCaller } from './authenticate-caller.ts';
import { claimsParameter } from './claims-parameter.ts';
import { type Handler, json, parseWith, readForm } from './http.ts';
import { grantTypes, tokenTypes } from './oauth-grants.ts';
import type { OwnGrant } from './oauth-own-grants.ts';
import { withOAuthErrors } from './with-oauth-errors.ts';

const flag = z.enum(['true', 'false']).transform((text) => text === 'true');

/** What a caller asks; the grants of people's own programs read the rest. */
const tokenForm = z.object({
  grant_type: z.string().max(100),
  audience: z.string().min(1, 'names no connection').max(256).describe('Alias or id of a connection'),
  scope: z
    .string()
    .max(4_000)
    .optional()
    .describe('Graph permissions, separated by spaces; default: what the policy grants'),
  resource: z.string().max(200).optional().describe('Identifier of the API; Microsoft Graph unless given'),
  min_ttl: z.coerce
    .number()
    .int()
    .min(0)
    .max(86_400)
    .optional()
    .describe('Seconds that the token must still live'),
  claims: claimsParameter.optional(),
  force_refresh: flag.optional(),
  client_id: z.string().max(256).optional(),
  client_secret: z.string().max(512).optional(),
  subject_token: z.string().max(12_000).optional(),
  subject_token_type: z.string().max(100).optional(),
  requested_token_type: z.literal(tokenTypes.accessToken).optional(),
});

const ownForm = z.object({
  code: z.string().optional(),
  redirect_uri: z.string().optional(),
  code_verifier: z.string().optional(),
  device_code: z.string().optional(),
  refresh_token: z.string().optional(),
});

export const tokenOperations: readonly ApiOperation[] = [
  {
    method: 'POST',
    path: '/oauth2/token',
    summary: 'A Microsoft Graph token, for a caller that proves who it is and whom a policy names',
    auth: 'caller',
    request: tokenForm.partial({ audience: true }).extend(ownForm.shape),
    requestMediaType: 'application/x-www-form-urlencoded',
    response: z.object({
      access_token: z.string(),
      token_type: z.literal('Bearer'),
      expires_in: z.int(),
      scope: z.string(),
      issued_token_type: z.string().optional(),
      refresh_token: z.string().optional().describe('With this installation’s own tokens only'),
    }),
  },
];

const limitBytes = 16 * 1024;
const unknownPerMinute = 600;
/**
 * `POST /oauth2/token`: client credentials by API key, token exchange (RFC 8693) by OIDC token,
 * and the grants of people's own programs. Errors as RFC 6749 has them.
 */
export function createTokenEndpoint(deps: {
  readonly authenticate: AuthenticateCaller;
  readonly issueToken: IssueToken;
  /** Those that give this installation's own tokens, by `grant_type`. */
  readonly ownGrants: Readonly<Record<string, OwnGrant>>;
  readonly audit: Pick<Audit, 'record'>;
  readonly ports: Pick<Ports, 'clock' | 'log' | 'random'>;
}): Handler {
  const { authenticate, issueToken, audit, ports } = deps;
  const unknownLimit = createRateLimit({ clock: ports.clock, requests: unknownPerMinute, windowSeconds: 60 });

  async function identify(
    request: HttpRequest,
    form: URLSearchParams,
    requestId: string,
  ): Promise<CallerIdentity> {
    try {
      return await prove(request, form);
    } catch (error) {
      const refused = isAppError(error, 'invalid_client') || isAppError(error, 'invalid_grant');
      // Of those whom nobody knows only so many are recorded: the record must not be a way to flood us.
      if (refused && !unknownLimit.take('unknown')) {
        const reason = isAppError(error) ? (error.detail ?? error.code) : 'invalid_client';
        const actor = { kind: 'unknown' } as const;
        await audit.record({ action: 'token.issue', outcome: 'refused', reason, requestId, actor });
      }
      throw error;
    }
  }

  async function prove(request: HttpRequest, form: URLSearchParams): Promise<CallerIdentity> {
    const type = form.get('grant_type');
    if (type === grantTypes.clientCredentials) return authenticate.byKey(request, form);
    if (type === grantTypes.tokenExchange) return authenticate.byToken(request, form);
    if (!type) throw new AppError('invalid_request', 'grant_type is missing.');
    throw new AppError(
      'unsupported_grant_type',
      `grant_type must be ${Object.values(grantTypes).join(' or ')}.`,
    );
  }

  async function answer(request: HttpRequest, requestId: string): Promise<HttpResponseInit> {
    const form = await readForm(request, { limitBytes });
    const own = deps.ownGrants[form.get('grant_type') ?? ''];
    if (own) return own(form, requestId);
    const caller = await identify(request, form, requestId);
    const ask = parseWith(tokenForm, Object.fromEntries(form), 'The form');
    const token = await issueToken({
      requestId,
      caller,
      audience: ask.audience,
      delivery: 'token',
      scopes: parseScopes(ask.scope ?? ''),
      resource: ask.resource,
      minTtlSeconds: ask.min_ttl,
      claims: ask.claims,
      forceRefresh: ask.force_refresh,
    });
    const exchanged = ask.grant_type === grantTypes.tokenExchange;
    return json(200, {
      ...toTokenBody(token, ports.clock()),
      ...(exchanged ? { issued_token_type: tokenTypes.accessToken } : {}),
    });
  }

  return withOAuthErrors(answer, ports);
}

/** The answer of RFC 6749 section 5.1. */
export function toTokenBody(token: IssuedToken, now: number) {
  return {
    access_token: token.accessToken,
    token_type: 'Bearer',
    expires_in: Math.max(0, Math.floor((token.expiresAt - now) / 1000)),
    scope: token.scopes.join(' '),
  };
}
