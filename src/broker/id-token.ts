import { createRemoteJWKSet, customFetch, errors, jwtVerify } from 'jose';
import { z } from 'zod';
import type { Config } from '../config.ts';
import { AppError } from '../errors.ts';
import type { Ports } from '../ports.ts';
import { entraEndpoints } from './entra-endpoints.ts';

const claims = z.object({
  tid: z.string(),
  oid: z.string(),
  nonce: z.string().optional(),
  name: z.string().optional(),
  preferred_username: z.string().optional(),
  auth_time: z.number().optional(),
});

/** Who signed in, as a verified ID token says. */
export interface SignedInPerson {
  readonly tenantId: string;
  readonly objectId: string;
  readonly name: string;
  readonly username: string;
}

export interface ExpectedIdToken {
  /** Of a sign-in in a browser; a way without a browser of ours has none. */
  readonly nonce?: string;
  /** The installation's own unless given. */
  readonly tenantId?: string;
  /** Seconds since the person proved who they are, at most. */
  readonly maxAge?: number | undefined;
}

/**
 * Verifies signature, issuer, audience, times and tenant, and what else is expected. Throws `sign_in_failed`; the log names what
 * did not fit.
 */
export type VerifyIdToken = (idToken: string, expected?: ExpectedIdToken) => Promise<SignedInPerson>;

const clockToleranceSeconds = 60;

export function createVerifyIdToken(deps: {
  readonly entra: Config['entra'];
  readonly ports: Pick<Ports, 'clock' | 'fetch'>;
}): VerifyIdToken {
  const { entra, ports } = deps;
  const keySets = new Map<string, ReturnType<typeof createRemoteJWKSet>>();

  /** Two tenants at most: our own, and that of personal accounts. */
  function keysOf(tenantId: string) {
    const known = keySets.get(tenantId);
    if (known) return known;
    const keySet = createRemoteJWKSet(new URL(entraEndpoints(entra, tenantId).keys), {
      [customFetch]: (url, options) => ports.fetch(url, options),
      timeoutDuration: 5_000,
    });
    keySets.set(tenantId, keySet);
    return keySet;
  }

  return async (idToken, { nonce, tenantId = entra.tenantId, maxAge } = {}) => {
    const payload = await jwtVerify(idToken, keysOf(tenantId), {
      algorithms: ['RS256'],
      issuer: entraEndpoints(entra, tenantId).issuer,
      audience: entra.clientId,
      clockTolerance: clockToleranceSeconds,
      currentDate: new Date(ports.clock()),
      requiredClaims: ['exp', 'iat', 'tid', 'oid'],
    }).then(
      (verified) => verified.payload,
      (error: unknown) => {
        if (error instanceof errors.JWKSTimeout) {
          throw new AppError(
            'upstream_unavailable',
            'Microsoft’s signing keys could not be read. Try again.',
            { cause: error, retryable: true },
          );
        }
        throw refuse(error instanceof errors.JOSEError ? error.code : 'unreadable', error);
      },
    );
    const read = claims.safeParse(payload);
    if (!read.success) throw refuse('claims');
    const { tid, oid, name, preferred_username: username } = read.data;
    if (tid.toLowerCase() !== tenantId.toLowerCase()) throw refuse('tid');
    if (read.data.nonce !== nonce) throw refuse('nonce');
    if (maxAge !== undefined) {
      // Asked for and not answered is as good as too old.
      const age = Math.floor(ports.clock() / 1000) - (read.data.auth_time ?? 0);
      if (age > maxAge + clockToleranceSeconds) throw refuse('auth_time');
    }
    return { tenantId: tid, objectId: oid, name: name ?? username ?? oid, username: username ?? oid };
  };
}

function refuse(what: string, cause?: unknown): AppError {
  return new AppError('sign_in_failed', 'Microsoft’s answer could not be verified. Sign in again.', {
    detail: `ID token refused: ${what}`,
    cause,
  });
}
