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
});

/** Who signed in, as a verified ID token says. */
export interface SignedInPerson {
  readonly tenantId: string;
  readonly objectId: string;
  readonly name: string;
  readonly username: string;
}

/**
 * Verifies signature, issuer, audience, times and tenant, and the nonce of a sign-in in a browser; a way without a browser of
 * ours has none. Throws `sign_in_failed`; the log names what did not fit.
 */
export type VerifyIdToken = (
  idToken: string,
  expected?: { readonly nonce: string },
) => Promise<SignedInPerson>;

export function createVerifyIdToken(deps: {
  readonly entra: Config['entra'];
  readonly ports: Pick<Ports, 'clock' | 'fetch'>;
}): VerifyIdToken {
  const { entra, ports } = deps;
  const { keys, issuer } = entraEndpoints(entra, entra.tenantId);
  const keySet = createRemoteJWKSet(new URL(keys), {
    [customFetch]: (url, options) => ports.fetch(url, options),
    timeoutDuration: 5_000,
  });

  return async (idToken, expected) => {
    const payload = await jwtVerify(idToken, keySet, {
      algorithms: ['RS256'],
      issuer,
      audience: entra.clientId,
      clockTolerance: 60,
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
    if (tid.toLowerCase() !== entra.tenantId.toLowerCase()) throw refuse('tid');
    if (read.data.nonce !== expected?.nonce) throw refuse('nonce');
    return { tenantId: tid, objectId: oid, name: name ?? username ?? oid, username: username ?? oid };
  };
}

function refuse(what: string, cause?: unknown): AppError {
  return new AppError('sign_in_failed', 'Microsoft’s answer could not be verified. Sign in again.', {
    detail: `ID token refused: ${what}`,
    cause,
  });
}
