import type { HttpRequest } from '@azure/functions';
import type { CallerIdentity } from '../broker/caller-identity.ts';
import type { Callers } from '../broker/callers.ts';
import type { OidcCallers } from '../broker/oidc-callers.ts';
import { AppError } from '../errors.ts';
import { tokenTypes } from './oauth-grants.ts';

/** Who calls the token endpoint. Every way to be wrong gives the same `invalid_client` or `invalid_grant`. */
export interface AuthenticateCaller {
  /** By API key: HTTP Basic, or `client_id` and `client_secret` in the form, but not both. */
  byKey(request: HttpRequest, form: URLSearchParams): Promise<CallerIdentity>;
  /** By a token of a trusted issuer, in `subject_token`. */
  byToken(request: HttpRequest, form: URLSearchParams): Promise<CallerIdentity>;
}

export function createAuthenticateCaller(deps: {
  readonly callers: Pick<Callers, 'authenticate'>;
  readonly oidcCallers: OidcCallers;
}): AuthenticateCaller {
  return {
    async byKey(request, form) {
      const basic = readBasic(request);
      const inForm = form.get('client_secret');
      if (basic && inForm !== null) {
        throw new AppError(
          'invalid_request',
          'Send the key in the Authorization header or in the form, not in both.',
        );
      }
      const id = basic?.id ?? form.get('client_id') ?? '';
      const key = basic?.key ?? inForm ?? '';
      const caller = await deps.callers.authenticate(id, key);
      if (!caller)
        throw new AppError('invalid_client', 'The caller or its key is not known, or the key has ended.');
      return { kind: 'api_key', id: caller.id, name: caller.name };
    },

    async byToken(request, form) {
      if (request.headers.get('authorization') !== null) {
        throw new AppError(
          'invalid_request',
          'A token exchange carries its proof in subject_token; send no Authorization header.',
        );
      }
      const type = form.get('subject_token_type') ?? '';
      const allowed: readonly string[] = [tokenTypes.jwt, tokenTypes.idToken, tokenTypes.accessToken];
      if (!allowed.includes(type)) {
        throw new AppError('invalid_request', `subject_token_type must be one of ${allowed.join(', ')}.`);
      }
      const token = form.get('subject_token');
      if (!token) throw new AppError('invalid_request', 'subject_token is missing.');
      const result = await deps.oidcCallers.verify(token);
      if (result.ok) return result.identity;
      throw new AppError('invalid_grant', 'The subject token is not one that this installation accepts.', {
        detail: `subject_token_${result.reason}`,
      });
    },
  };
}

function readBasic(request: HttpRequest): { id: string; key: string } | undefined {
  const header = request.headers.get('authorization');
  if (header === null) return undefined;
  const encoded = /^Basic ([A-Za-z0-9+/=]+)$/i.exec(header)?.[1];
  const text = encoded === undefined ? '' : Buffer.from(encoded, 'base64').toString('utf8');
  const cut = text.indexOf(':');
  // Two headers arrive as one, joined by a comma: neither counts.
  if (cut < 0) throw new AppError('invalid_client', 'Send one Authorization header, with HTTP Basic.');
  try {
    return { id: decodePart(text.slice(0, cut)), key: decodePart(text.slice(cut + 1)) };
  } catch {
    throw new AppError('invalid_client', 'The Authorization header is not as RFC 6749 has it.');
  }
}

/** RFC 6749 section 2.3.1: id and secret are form-encoded before they are joined. */
function decodePart(text: string): string {
  return decodeURIComponent(text.replace(/\+/g, ' '));
}
