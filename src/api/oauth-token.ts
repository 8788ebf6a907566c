import type { HttpRequest, HttpResponseInit } from '@azure/functions';
import { z } from 'zod';
import type { Audit } from '../broker/audit.ts';
import type { CallerIdentity } from '../broker/caller-identity.ts';
import type { IssueToken } from '../broker/issue-token.ts';
import { createRateLimit } from '../broker/rate-limit.ts';
import { parseScopes } from '../broker/scopes.ts';
import { AppError, isAppError } from '../errors.ts';
import type { Ports } from '../ports.ts';
import type { ApiOperation } from './api-operation.ts';
import type { AuthenticateCaller } from './authenticate-caller.ts';
import { type Handler, json, parseWith, readForm } from './http.ts';
import { oauthErrorSchema } from './oauth-errors.ts';
import { grantTypes, tokenTypes } from './oauth-grants.ts';
import type { OnBehalfGrants } from './oauth-on-behalf.ts';
import type { OwnGrant } from './oauth-own-grants.ts';
import { tokenForm, toTokenBody } from './oauth-token-form.ts';
import { withOAuthErrors } from './with-oauth-errors.ts';

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
      stale: z
        .literal(true)
        .optional()
        .describe('A newer token was due and could not be had; this one is still good'),
      refresh_token: z
        .string()
        .optional()
        .describe(
          'Of this installation, never of Microsoft: with its own tokens, and the handle of a caller that acts for a person',
        ),
      refresh_token_expires_in: z.int().optional(),
    }),
    error: oauthErrorSchema,
  },
];

const limitBytes = 16 * 1024;
const unknownPerMinute = 600;
/**
 * `POST /oauth2/token`: client credentials by API key, token exchange (RFC 8693) by OIDC token or on behalf of a person,
 * and the grants of people's own programs. Errors as RFC 6749 has them.
 */
export function createTokenEndpoint(deps: {
  readonly authenticate: AuthenticateCaller;
  readonly issueToken: IssueToken;
  readonly onBehalf: OnBehalfGrants;
  /** Those that give this installation's own tokens, by `grant_type`. */
  readonly ownGrants: Readonly<Record<string, OwnGrant>>;
  readonly audit: Pick<Audit, 'record'>;
  readonly ports: Pick<Ports, 'clock' | 'log' | 'random'>;
}): Handler {
  const { authenticate, issueToken, onBehalf, audit, ports } = deps;
  const unknownLimit = createRateLimit({ clock: ports.clock, requests: unknownPerMinute, windowSeconds: 60 });

  async function identify(proof: Promise<CallerIdentity>, requestId: string): Promise<CallerIdentity> {
    try {
      return await proof;
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
    if (type === grantTypes.tokenExchange) return authenticate.byToken(form);
    if (!type) throw new AppError('invalid_request', 'grant_type is missing.');
    throw new AppError(
      'unsupported_grant_type',
      `grant_type must be ${Object.values(grantTypes).join(' or ')}.`,
    );
  }

  async function answer(request: HttpRequest, requestId: string): Promise<HttpResponseInit> {
    const form = await readForm(request, { limitBytes });
    if (onBehalf.concerns(request, form)) {
      const caller = await identify(authenticate.byAnyProof(request, form), requestId);
      return onBehalf.answer(caller, form, requestId);
    }
    const type = form.get('grant_type') ?? '';
    const own = Object.hasOwn(deps.ownGrants, type) ? deps.ownGrants[type] : undefined;
    if (own) return own(form, requestId);
    const caller = await identify(prove(request, form), requestId);
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
