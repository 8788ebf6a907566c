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
  byToken(form: URLSearchParams): Promise<CallerIdentity>;
  /** By a key, or by a token of a trusted issuer in `client_assertion` or `actor_token`; what else is in the form doesn't count. */
  byAnyProof(request: HttpRequest, form: URLSearchParams): Promise<CallerIdentity>;
}

/** True when a caller proves itself by more than the subject token, which is then somebody else's. */
export function bringsCallerProof(request: HttpRequest, form: URLSearchParams): boolean {
  return (
    request.headers.get('authorization') !== null ||
    ['client_secret', 'client_assertion', 'actor_token'].some((name) => form.has(name))
  );
}

const assertionType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
const callerTokenTypes: readonly string[] = [tokenTypes.jwt, tokenTypes.idToken, tokenTypes.accessToken];

export function createAuthenticateCaller(deps: {
  readonly callers: Pick<Callers, 'authenticate'>;
  readonly oidcCallers: OidcCallers;
}): AuthenticateCaller {
  async function byKey(request: HttpRequest, form: URLSearchParams): Promise<CallerIdentity> {
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
  }

  return {
    byKey,

    async byToken(form) {
      requireType(form, 'subject_token_type', callerTokenTypes);
      const token = form.get('subject_token');
      if (!token) throw new AppError('invalid_request', 'subject_token is missing.');
      const result = await deps.oidcCallers.verify(token);
      if (result.ok) return result.identity;
      throw new AppError('invalid_grant', 'The subject token is not one that this installation accepts.', {
        detail: `subject_token_${result.reason}`,
      });
    },

    async byAnyProof(request, form) {
      const assertion = form.get('client_assertion');
      const token = assertion ?? form.get('actor_token');
      if (token === null) return byKey(request, form);
      if (request.headers.get('authorization') !== null || form.has('client_secret')) {
        throw new AppError('invalid_request', 'Prove who calls in one way, not in two.');
      }
      if (assertion !== null) requireType(form, 'client_assertion_type', [assertionType]);
      else requireType(form, 'actor_token_type', callerTokenTypes);
      const result = await deps.oidcCallers.verify(token);
      if (result.ok) return result.identity;
      throw new AppError(
        'invalid_client',
        'The token of the caller is not one that this installation accepts.',
        {
          detail: `caller_token_${result.reason}`,
        },
      );
    },
  };
}

function requireType(form: URLSearchParams, name: string, allowed: readonly string[]): void {
  if (allowed.includes(form.get(name) ?? '')) return;
  throw new AppError('invalid_request', `${name} must be one of ${allowed.join(', ')}.`);
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
