import 'reflect-metadata';
import { createHash, createPublicKey } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as x509 from '@peculiar/x509';
import type { JWK } from 'jose';

/** One RSA key with its self-signed certificate. */
export interface SigningKey {
  readonly kid: string;
  readonly privateKey: CryptoKey;
  /** As it stands in the key set: no `alg`, with `x5t` and `x5c`. */
  readonly jwk: JWK;
}

export interface SigningKeys {
  /** Signs new tokens. */
  readonly current: SigningKey;
  /** All published keys; more than one at all times. */
  readonly all: readonly SigningKey[];
  /** A new key becomes current, the oldest goes. */
  rotate(): Promise<void>;
}

const RSA = {
  name: 'RSASSA-PKCS1-v1_5',
  hash: 'SHA-256',
  modulusLength: 2048,
  publicExponent: new Uint8Array([1, 0, 1]),
} as const;
const COUNT = 2;

/** Reads the keys kept in `directory`, or makes and keeps them. */
export async function createSigningKeys(directory: string, now: () => number): Promise<SigningKeys> {
  mkdirSync(directory, { recursive: true });
  const file = join(directory, 'signing.pem');
  let keys: { pem: string; key: SigningKey }[] = [];
  const keep = () => writeFileSync(file, keys.map(({ pem }) => pem).join('\n'), { mode: 0o600 });

  if (existsSync(file)) {
    const blocks = readFileSync(file, 'utf8').match(/-----BEGIN PRIVATE[\s\S]+?END CERTIFICATE-----/g) ?? [];
    keys = await Promise.all(blocks.map(async (pem) => ({ pem, key: await fromPem(pem) })));
  }
  while (keys.length < COUNT) keys.push(await make(now()));
  keep();
  return {
    get current() {
      const [head] = keys;
      if (!head) throw new Error('no signing key');
      return head.key;
    },
    get all() {
      return keys.map(({ key }) => key);
    },
    async rotate() {
      keys = [await make(now()), ...keys].slice(0, COUNT);
      keep();
    },
  };
}

async function make(now: number): Promise<{ pem: string; key: SigningKey }> {
  const pem = await makeSelfSigned('CN=accounts.accesscontrol.windows.net', now, 5 * 365);
  return { pem, key: await fromPem(pem) };
}

/** A private key and its self-signed RSA certificate as one PEM text. */
export async function makeSelfSigned(name: string, now: number, days: number): Promise<string> {
  const keys = await crypto.subtle.generateKey(RSA, true, ['sign', 'verify']);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: `00${Buffer.from(crypto.getRandomValues(new Uint8Array(15))).toString('hex')}`,
    name,
    notBefore: new Date(now - 86_400_000),
    notAfter: new Date(now + days * 86_400_000),
    signingAlgorithm: RSA,
    keys,
  });
  const pkcs8 = await crypto.subtle.exportKey('pkcs8', keys.privateKey);
  return `${x509.PemConverter.encode(pkcs8, 'PRIVATE KEY')}\n${certificate.toString('pem')}\n`;
}

async function fromPem(pem: string): Promise<SigningKey> {
  const certificate = new x509.X509Certificate(pem.slice(pem.indexOf('-----BEGIN CERTIFICATE')));
  const privateKey = await crypto.subtle.importKey('pkcs8', x509.PemConverter.decodeFirst(pem), RSA, false, [
    'sign',
  ]);
  const der = Buffer.from(certificate.rawData);
  const kid = createHash('sha1').update(der).digest('base64url');
  const { n, e } = createPublicKey(certificate.toString('pem')).export({ format: 'jwk' });
  if (typeof n !== 'string' || typeof e !== 'string') throw new Error('a signing key is not RSA');
  return {
    kid,
    privateKey,
    jwk: { kty: 'RSA', use: 'sig', kid, x5t: kid, n, e, x5c: [der.toString('base64')] },
  };
}
