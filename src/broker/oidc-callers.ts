import type { JWTPayload } from 'jose';
import type { Clock } from '../ports.ts';
import type { CallerIdentity } from './caller-identity.ts';
import { sha256 } from './digest.ts';
import { createVerifyIssuerToken, type TokenRefusal } from './issuer-tokens.ts';
import type { TrustedIssuer } from './trusted-issuers.ts';

export type OidcResult =
  | {
      readonly ok: true;
      readonly identity: Extract<CallerIdentity, { kind: 'oidc' }>;
    }
  | { readonly ok: false; readonly reason: TokenRefusal | 'not_an_app' };

/** Callers that prove themselves with a token of an issuer that this installation trusts. */
export interface OidcCallers {
  /** As `VerifyIssuerToken`; a token of Entra must be an app's. */
  verify(token: string): Promise<OidcResult>;
  /** True for the issuers that a policy may name. */
  knows(issuer: string): boolean;
}

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
  const verifyIssuerToken = createVerifyIssuerToken(deps);

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
      const verified = await verifyIssuerToken(token);
      if (!verified.ok) return verified;
      const result = toResult(verified.claims, verified.trusted, digest);
      if (result.ok) believe(digest, result, verified.trusted);
      return result;
    },
  };
}

function toResult(claims: JWTPayload, trusted: TrustedIssuer, digest: string): OidcResult {
  const { sub: subject, iat = 0, exp = 0 } = claims;
  if (!subject) return { ok: false, reason: 'claims_invalid' };
  if (trusted.tenantId !== undefined) {
    // A person's token may be in the hands of any app that the person uses.
    const isApp = claims.scp === undefined && claims.idtyp !== 'user' && claims.oid === subject;
    if (!isApp) return { ok: false, reason: 'not_an_app' };
  }
  const proof = { sha256: digest, issuedAt: iat * 1000, expiresAt: exp * 1000 };
  return { ok: true, identity: { kind: 'oidc', issuer: trusted.name, subject, claims, proof } };
}
