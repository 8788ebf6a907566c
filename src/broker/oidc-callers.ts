import { decodeJwt, decodeProtectedHeader, errors, type JWTPayload, jwtVerify } from 'jose';
import type { Clock } from '../ports.ts';
import type { CallerIdentity } from './caller-identity.ts';
import { sha256 } from './digest.ts';
import type { TrustedIssuer } from './trusted-issuers.ts';

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
  | 'claims_invalid'
  | 'not_an_app';

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
  /** True for the issuers that a policy may name. */
  knows(issuer: string): boolean;
}

const algorithms = ['RS256', 'PS256', 'ES256'];
const clockToleranceSeconds = 60;
/** A token that was verified is believed for so long without another look at its signature: a key that is withdrawn counts then. */
const believedForMs = 60_000;
const believedTokens = 1_000;

export function createOidcCallers(deps: {
  /** By the text of `iss`. */
  readonly issuers: ReadonlyMap<string, TrustedIssuer>;
  readonly clock: Clock;
}): OidcCallers {
  const { issuers, clock } = deps;
  const names = new Set([...issuers.values()].map((issuer) => issuer.name));

  const believed = new Map<string, { from: number; until: number; result: OidcResult }>();

  function believe(digest: string, result: Extract<OidcResult, { ok: true }>, trusted: TrustedIssuer): void {
    const { proof } = result.identity;
    if (!proof) return;
    const from = clock();
    const until = Math.min(
      from + believedForMs,
      proof.expiresAt,
      proof.issuedAt + trusted.maxAgeSeconds * 1000,
    );
    const oldest = believed.keys().next().value;
    if (believed.size >= believedTokens && oldest !== undefined) believed.delete(oldest);
    believed.set(digest, { from, until, result });
  }

  return {
    knows: (issuer) => names.has(issuer),

    async verify(token) {
      const digest = sha256(token);
      const known = believed.get(digest);
      if (known && known.from <= clock() && clock() < known.until) return known.result;
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
        const result = toResult(payload, trusted, digest);
        if (result.ok) believe(digest, result, trusted);
        return result;
      } catch (error) {
        return { ok: false, reason: refusalOf(error) };
      }
    },
  };
}

function toResult(claims: JWTPayload, trusted: TrustedIssuer, digest: string): OidcResult {
  const { sub: subject, iat = 0, exp = 0 } = claims;
  if (!subject) return { ok: false, reason: 'claims_invalid' };
  if (trusted.tenantId !== undefined) {
    // Entra signs for all tenants with the same keys: the tenant counts, not the signature alone.
    if (String(claims.tid).toLowerCase() !== trusted.tenantId) return { ok: false, reason: 'claims_invalid' };
    // A person's token may be in the hands of any app that the person uses.
    const isApp = claims.scp === undefined && claims.idtyp !== 'user' && claims.oid === subject;
    if (!isApp) return { ok: false, reason: 'not_an_app' };
  }
  const proof = { sha256: digest, issuedAt: iat * 1000, expiresAt: exp * 1000 };
  return { ok: true, identity: { kind: 'oidc', issuer: trusted.name, subject, claims, proof } };
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
