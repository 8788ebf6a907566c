import { decodeJwt, decodeProtectedHeader, errors, type JWTPayload, jwtVerify } from 'jose';
import type { Clock } from '../ports.ts';
import type { TrustedIssuer } from './trusted-issuers.ts';

export type TokenRefusal =
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

export type IssuerTokenResult =
  | { readonly ok: true; readonly claims: JWTPayload; readonly trusted: TrustedIssuer }
  | { readonly ok: false; readonly reason: TokenRefusal };

/**
 * Verifies a token of a trusted issuer that was made for this installation. Nothing is asked of the network before the issuer is
 * found in the list of trusted ones. Throws `upstream_unavailable` while that issuer's keys can't be read.
 */
export type VerifyIssuerToken = (token: string) => Promise<IssuerTokenResult>;

const algorithms = ['RS256', 'PS256', 'ES256'];
const clockToleranceSeconds = 60;

export function createVerifyIssuerToken(deps: {
  /** By the text of `iss`. */
  readonly issuers: ReadonlyMap<string, TrustedIssuer>;
  readonly clock: Clock;
}): VerifyIssuerToken {
  const { issuers, clock } = deps;
  return async (token) => {
    const read = readUnverified(token);
    if (typeof read === 'string') return { ok: false, reason: read };
    const { issuer, keyId } = read;
    const trusted = issuers.get(issuer);
    if (!trusted) return { ok: false, reason: 'issuer_not_trusted' };
    const getKey = await trusted.keys.find(keyId);
    if (!getKey) return { ok: false, reason: 'key_unknown' };

    try {
      const { payload } = await jwtVerify(token, getKey, {
        algorithms,
        issuer,
        audience: [...trusted.audiences],
        clockTolerance: clockToleranceSeconds,
        maxTokenAge: trusted.maxAgeSeconds,
        currentDate: new Date(clock()),
        requiredClaims: ['exp', 'sub'],
      });
      // Entra signs for all tenants with the same keys: the tenant counts, not the signature alone.
      const { tenantId } = trusted;
      const otherTenant = tenantId !== undefined && String(payload.tid).toLowerCase() !== tenantId;
      return otherTenant ? { ok: false, reason: 'claims_invalid' } : { ok: true, claims: payload, trusted };
    } catch (error) {
      return { ok: false, reason: refusalOf(error) };
    }
  };
}

/** What decides where the key is looked up; believed only after the signature was verified with that key. */
function readUnverified(token: string): { issuer: string; keyId: string } | TokenRefusal {
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

function refusalOf(error: unknown): TokenRefusal {
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
