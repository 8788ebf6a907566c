import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import type { JWTPayload } from 'jose';
import { createLocalJWKSet, decodeProtectedHeader, jwtVerify, SignJWT } from 'jose';
import type { VerifiedToken } from '../http/route.ts';
import type { SigningKeys } from './signing-keys.ts';

/** Why a bearer token was refused. */
export class TokenRefused extends Error {
  readonly reason: 'missing' | 'malformed' | 'expired' | 'audience';

  constructor(reason: 'missing' | 'malformed' | 'expired' | 'audience', cause?: unknown) {
    super(`the bearer token is ${reason}`, { cause });
    this.name = 'TokenRefused';
    this.reason = reason;
  }
}

export interface Tokens {
  /** Signs a JWT with the current key; `header` adds members such as the `nonce` of Graph tokens. */
  sign(claims: Record<string, unknown>, header?: Record<string, unknown>): Promise<string>;
  /** A compact string that only this tenant can read, as personal accounts get for Graph. */
  seal(claims: Record<string, unknown>): string;
  /** Reads a sealed or signed token of this tenant whatever its audience; throws TokenRefused. */
  open(token: string): Promise<JWTPayload>;
  /** `header` is the Authorization header; one of `audience` must be the token's `aud`. Throws TokenRefused. */
  verifyAccessToken(
    header: string | undefined,
    expected: { audience: readonly string[] },
  ): Promise<VerifiedToken>;
}

const SEALED = 'EwB4A8l6BAAU';
const CACHED = 2000;

export function createTokens(parts: {
  readonly keys: SigningKeys;
  /** 32 bytes for sealed tokens. */
  readonly sealKey: Buffer;
  readonly clock: () => number;
}): Tokens {
  const seconds = () => Math.floor(parts.clock() / 1000);
  const verified = new Map<string, JWTPayload>();

  async function open(token: string): Promise<JWTPayload> {
    const known = verified.get(token);
    const payload = known ?? (await read(token));
    if (!known) {
      // The cache spares an RSA verification for each call with the same token; it is emptied rather than grown.
      if (verified.size >= CACHED) verified.clear();
      verified.set(token, payload);
    }
    if (typeof payload.exp === 'number' && payload.exp <= seconds()) throw new TokenRefused('expired');
    return payload;
  }

  async function read(token: string): Promise<JWTPayload> {
    try {
      if (token.startsWith(SEALED)) return unseal(parts.sealKey, token.slice(SEALED.length));
      const keySet = createLocalJWKSet({ keys: parts.keys.all.map(({ jwk }) => jwk) });
      // Expiry is compared by `open`, on the tenant's own clock.
      const options = { algorithms: ['RS256'], currentDate: new Date(0), clockTolerance: 1e12 };
      return (await jwtVerify(withHashedNonce(token), keySet, options)).payload;
    } catch (error) {
      throw new TokenRefused('malformed', error);
    }
  }

  return {
    async sign(claims, header = {}) {
      const { kid, privateKey } = parts.keys.current;
      // Version 1 tokens name the certificate too.
      const named = {
        typ: 'JWT',
        alg: 'RS256',
        ...header,
        ...(claims.ver === '1.0' ? { x5t: kid } : {}),
        kid,
      };
      if (header.nonce === undefined) return new SignJWT(claims).setProtectedHeader(named).sign(privateKey);
      const hashed = { ...named, nonce: hashOf(String(header.nonce)) };
      const [, body, signature] = (
        await new SignJWT(claims).setProtectedHeader(hashed).sign(privateKey)
      ).split('.');
      return `${encode(named)}.${body}.${signature}`;
    },
    seal: (claims) => SEALED + seal(parts.sealKey, claims),
    open,
    async verifyAccessToken(header, { audience }) {
      const [scheme = '', token = ''] = (header ?? '').split(' ');
      if (token === '') throw new TokenRefused('missing');
      if (scheme.toLowerCase() !== 'bearer') throw new TokenRefused('malformed');
      const claims = await open(token);
      if (typeof claims.aud !== 'string' || !audience.includes(claims.aud))
        throw new TokenRefused('audience');
      return toVerified(claims);
    },
  };
}

const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const hashOf = (nonce: string): string => createHash('sha256').update(nonce).digest('base64url');

/**
 * A token with a nonce in its header is signed over the hash of that nonce, so that only the API that it is for can
 * verify it: an app that tries to verify a Graph token fails here as it does with the real service.
 */
function withHashedNonce(token: string): string {
  const header: Record<string, unknown> = { ...decodeProtectedHeader(token) };
  if (typeof header.nonce !== 'string') return token;
  // Replaced in place: the order of the members is what was signed.
  header.nonce = hashOf(header.nonce);
  return [encode(header), ...token.split('.').slice(1)].join('.');
}

function toVerified(claims: JWTPayload): VerifiedToken {
  const text = (name: string) => (typeof claims[name] === 'string' ? claims[name] : '');
  const scopes = text('scp').split(' ').filter(Boolean);
  const roles = Array.isArray(claims.roles) ? claims.roles.filter((role) => typeof role === 'string') : [];
  const upn = text('upn') || text('preferred_username');
  return {
    kind: claims.idtyp === 'app' ? 'app' : 'user',
    tenantId: text('tid'),
    appId: text('appid') || text('azp'),
    oid: text('oid'),
    ...(upn === '' ? {} : { upn }),
    scopes,
    roles,
    claims,
  };
}

function seal(key: Buffer, claims: Record<string, unknown>): string {
  const iv = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', key, iv);
  const body = Buffer.concat([cipher.update(JSON.stringify(claims), 'utf8'), cipher.final()]);
  // Of characters that need no escape in a form: clients exist that send a refresh token as it is.
  return Buffer.concat([iv, cipher.getAuthTag(), body]).toString('base64url');
}

function unseal(key: Buffer, text: string): JWTPayload {
  const raw = Buffer.from(text, 'base64url');
  const decipher = createDecipheriv('aes-256-gcm', key, raw.subarray(0, 12), { authTagLength: 16 });
  decipher.setAuthTag(raw.subarray(12, 28));
  return JSON.parse(Buffer.concat([decipher.update(raw.subarray(28)), decipher.final()]).toString('utf8'));
}
