import { z } from 'zod';
import type { IssuedToken } from '../broker/issued-token.ts';
import { claimsParameter } from './claims-parameter.ts';
import { tokenTypes } from './oauth-grants.ts';

const flag = z.enum(['true', 'false']).transform((text) => text === 'true');

/** What a caller asks; the grants of people's own programs read the rest. */
export const tokenForm = z.object({
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
  subject_token: z
    .string()
    .max(12_000)
    .optional()
    .describe(
      'The caller’s own token, or, beside another proof of the caller, that of the person it acts for',
    ),
  subject_token_type: z.string().max(100).optional(),
  actor_token: z
    .string()
    .max(12_000)
    .optional()
    .describe('The caller’s own token where subject_token is a person’s'),
  actor_token_type: z.string().max(100).optional(),
  client_assertion: z.string().max(12_000).optional().describe('The caller’s own token, as RFC 7523 has it'),
  client_assertion_type: z.string().max(100).optional(),
  requested_token_type: z.literal(tokenTypes.accessToken).optional(),
  token_type: z
    .string()
    .regex(/^bearer$/i, 'must be Bearer: tokens that are bound to a key are not given')
    .optional(),
  req_cnf: z.undefined('is for tokens that are bound to a key, which are not given').optional(),
});

/** The answer of RFC 6749 section 5.1. */
export function toTokenBody(token: IssuedToken, now: number) {
  return {
    access_token: token.accessToken,
    token_type: 'Bearer',
    expires_in: Math.max(0, Math.floor((token.expiresAt - now) / 1000)),
    scope: token.scopes.join(' '),
    ...(token.stale ? { stale: true } : {}),
  };
}
