import { decodeJwt, decodeProtectedHeader, errors, jwtVerify } from 'jose';
import { AppError } from '../errors.ts';
import type { Clock, Fetch } from '../ports.ts';
import { createIssuerKeys, type IssuerKeys } from './issuer-keys.ts';
import type { CallerIdentity } from './policy.ts';
import { addressProblem } from './public-address.ts';

export type OidcRefusal =
  | 'malformed'
  | 'algorithm_refused'
  | 'header_refused'
  | 'issuer_not_trusted'
  | 'key_unknown'
  | 'key_unusable'
  | 'signature_invalid'
  | 'audience_mismatch'
  | 'expired'
  | 'not_yet_valid'
  | 'claims_invalid';

export type OidcResult =
  | { readonly ok: true; readonly identity: Extract<CallerIdentity, { kind: 'oidc' }> }
  | { readonly ok: false; readonly reason: OidcRefusal };

/** Callers that prove themselves with a token of an issuer that this installation trusts. */
export interface OidcCallers {
  /**
   * Nothing is asked of the network before the issuer is found in the list of trusted ones. Throws
   * `upstream_unavailable` while that issuer's keys can't be read.
   */
  verify(token: string): Promise<OidcResult>;
}

const algorithms = ['RS256', 'PS256', 'ES256'];
const clockToleranceSeconds = 60;
/** Older tokens are refused whatever they say: the longest that a managed identity gets lives 24 hours. */
const maxTokenAgeSeconds = 24 * 60 * 60;

export function createOidcCallers(deps: {
  readonly trustedIssuers: readonly string[];
  /** What `aud` must be: the public URL of this installation. */
  readonly audience: string;
  /** Lets an issuer on this machine be used, on http too. Never in Azure. */
  readonly allowLoopback: boolean;
  readonly fetch: Fetch;
  readonly clock: Clock;
}): OidcCallers {
  const { audience, clock } = deps;
  const issuers = new Map<string, IssuerKeys>();
  for (const issuer of deps.trustedIssuers) {
    const problem = addressProblem(issuer, deps.allowLoopback);
    if (problem) {
      throw new AppError('setting_invalid', `GRAPH_VALET_TRUSTED_ISSUERS: ${issuer} ${problem}.`);
    }
    issuers.set(issuer, createIssuerKeys({ issuer, ...deps }));
  }

  return {
    async verify(token) {
      const read = readUnverified(token);
      if (typeof read === 'string') return { ok: false, reason: read };
      const { issuer, keyId } = read;
      const keys = issuers.get(issuer);
      if (!keys) return { ok: false, reason: 'issuer_not_trusted' };
      const getKey = await keys.find(keyId);
      if (!getKey) return { ok: false, reason: 'key_unknown' };

      try {
        const { payload } = await jwtVerify(token, getKey, {
          algorithms,
          issuer,
          audience,
          clockTolerance: clockToleranceSeconds,
          maxTokenAge: maxTokenAgeSeconds,
          currentDate: new Date(clock()),
          requiredClaims: ['exp', 'sub'],
        });
        const { sub: subject } = payload;
        if (!subject) return { ok: false, reason: 'claims_invalid' };
        return { ok: true, identity: { kind: 'oidc', issuer, subject, claims: payload } };
      } catch (error) {
        return { ok: false, reason: refusalOf(error) };
      }
    },
  };
}

/** What decides where the key is looked up; believed only after the signature was verified with that key. */
function readUnverified(token: string): { issuer: string; keyId: string } | OidcRefusal {
  try {
    const header = decodeProtectedHeader(token);
    if (!header.alg || !algorithms.includes(header.alg)) return 'algorithm_refused';
    // A token must not say where its own key is to be found, nor bring it along.
    if (['jku', 'x5u', 'jwk', 'crit'].some((name) => Object.hasOwn(header, name))) return 'header_refused';
    const { iss } = decodeJwt(token);
    if (!header.kid || typeof header.kid !== 'string') return 'key_unknown';
    return typeof iss === 'string' ? { issuer: iss, keyId: header.kid } : 'issuer_not_trusted';
  } catch {
    return 'malformed';
  }
}

function refusalOf(error: unknown): OidcRefusal {
  if (error instanceof errors.JWTExpired) return 'expired';
  if (error instanceof errors.JWTClaimValidationFailed) {
    if (error.claim === 'aud') return 'audience_mismatch';
    const tooEarly = (error.claim === 'nbf' || error.claim === 'iat') && error.reason === 'check_failed';
    return tooEarly ? 'not_yet_valid' : 'claims_invalid';
  }
  if (error instanceof errors.JWSSignatureVerificationFailed) return 'signature_invalid';
  if (error instanceof errors.JWKSNoMatchingKey) return 'key_unknown';
  // A key of another type, one that is too short, two with one id: nothing was verified, so the token is not believed.
  return 'key_unusable';
}
