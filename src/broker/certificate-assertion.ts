import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { SignJWT } from 'jose';
import type { Config } from '../config.ts';
import { AppError } from '../errors.ts';
import type { Ports } from '../ports.ts';
import type { AppProof } from './app-proof.ts';
import { entraEndpoints } from './entra-endpoints.ts';

const lifetimeSeconds = 600;

/** An assertion is used again while it has this long to live: signing costs more than everything else of a request. */
const spareSeconds = 120;

/** At most so many tenants are remembered. */
const mostTenants = 1_000;

/**
 * Turns a PEM text (private key and certificate) into a signer of client assertions, one for each tenant. MSAL could sign
 * too, but would do so in every new client object.
 */
export function createCertificateSigner(
  entra: Pick<Config['entra'], 'authorityHost' | 'clientId'>,
  ports: Pick<Ports, 'clock' | 'random'>,
): (pem: string) => (tenantId: string) => Promise<AppProof> {
  return (pem) => {
    const { key, thumbprint } = readPem(pem);
    const signed = new Map<string, { assertion: string; until: number }>();

    return async (tenantId) => {
      const now = Math.floor(ports.clock() / 1000);
      const held = signed.get(tenantId);
      if (held && held.until - spareSeconds > now && held.until - lifetimeSeconds <= now) {
        return { clientAssertion: held.assertion };
      }
      const assertion = await new SignJWT({})
        .setProtectedHeader({ alg: 'PS256', typ: 'JWT', 'x5t#S256': thumbprint })
        .setAudience(entraEndpoints(entra, tenantId).token)
        .setIssuer(entra.clientId)
        .setSubject(entra.clientId)
        .setJti(ports.random(16).toString('hex'))
        .setIssuedAt(now)
        .setNotBefore(now)
        .setExpirationTime(now + lifetimeSeconds)
        .sign(key);
      const oldest = signed.keys().next().value;
      if (signed.size >= mostTenants && oldest !== undefined) signed.delete(oldest);
      signed.set(tenantId, { assertion, until: now + lifetimeSeconds });
      return { clientAssertion: assertion };
    };
  };
}

function readPem(pem: string): { key: KeyObject; thumbprint: string } {
  try {
    const certificate = new X509Certificate(pem);
    const key = createPrivateKey(pem);
    if (!certificate.checkPrivateKey(key)) throw new Error('the key is not of the certificate');
    const digest = Buffer.from(certificate.fingerprint256.replaceAll(':', ''), 'hex');
    return { key, thumbprint: digest.toString('base64url') };
  } catch {
    // The reason is left out: a parser may quote what it could not read.
    throw new AppError(
      'broker_misconfigured',
      'The certificate in Key Vault is not a PEM text with a private key and its certificate.',
    );
  }
}
