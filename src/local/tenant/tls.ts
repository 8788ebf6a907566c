import 'reflect-metadata';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as x509 from '@peculiar/x509';

/** The certificate authority of the tenant (a file, for NODE_EXTRA_CA_CERTS) and the leaf of its listeners. */
export interface TlsMaterial {
  readonly caFile: string;
  readonly caPem: string;
  readonly key: string;
  readonly cert: string;
}

const HOSTS = [
  'localhost',
  'login.microsoftonline.com',
  'login.windows.net',
  'login.microsoft.com',
  'sts.windows.net',
  'graph.microsoft.com',
  '*.sharepoint.com',
  '*.vault.azure.net',
];
const ADDRESSES = ['127.0.0.1', '::1'];
const KEY = { name: 'ECDSA', namedCurve: 'P-256' } as const;
const SIGNING = { name: 'ECDSA', hash: 'SHA-256' } as const;
const DAY = 86_400_000;

/** Reads the material kept in `directory`; makes it when absent, and a new leaf when the old one is nearly over. */
export async function createTls(directory: string, now: number): Promise<TlsMaterial> {
  mkdirSync(directory, { recursive: true });
  const files = {
    ca: join(directory, 'ca.pem'),
    caKey: join(directory, 'ca.key'),
    leaf: join(directory, 'tls.pem'),
    leafKey: join(directory, 'tls.key'),
  };
  if (!existsSync(files.ca) || !existsSync(files.caKey)) await makeAuthority(files, now);
  if (!existsSync(files.leaf) || !existsSync(files.leafKey) || isNearlyOver(files.leaf, now)) {
    await makeLeaf(files, now);
  }
  const text = (file: string) => readFileSync(file, 'utf8');
  return { caFile: files.ca, caPem: text(files.ca), key: text(files.leafKey), cert: text(files.leaf) };
}

interface Files {
  readonly ca: string;
  readonly caKey: string;
  readonly leaf: string;
  readonly leafKey: string;
}

async function makeAuthority(files: Files, now: number): Promise<void> {
  const keys = await crypto.subtle.generateKey(KEY, true, ['sign', 'verify']);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: serial(),
    name: 'CN=Graph Valet local tenant CA',
    notBefore: new Date(now - DAY),
    notAfter: new Date(now + 3650 * DAY),
    signingAlgorithm: SIGNING,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  writeFileSync(files.caKey, await toPem(keys.privateKey), { mode: 0o600 });
  writeFileSync(files.ca, `${certificate.toString('pem')}\n`);
}

async function makeLeaf(files: Files, now: number): Promise<void> {
  const authority = new x509.X509Certificate(readFileSync(files.ca, 'utf8'));
  const pkcs8 = x509.PemConverter.decodeFirst(readFileSync(files.caKey, 'utf8'));
  const signingKey = await crypto.subtle.importKey('pkcs8', pkcs8, KEY, false, ['sign']);
  const keys = await crypto.subtle.generateKey(KEY, true, ['sign', 'verify']);
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: serial(),
    subject: 'CN=Graph Valet local tenant',
    issuer: authority.subject,
    notBefore: new Date(now - DAY),
    notAfter: new Date(now + 396 * DAY),
    signingAlgorithm: SIGNING,
    publicKey: keys.publicKey,
    signingKey,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension([
        ...HOSTS.map((value) => ({ type: 'dns' as const, value })),
        ...ADDRESSES.map((value) => ({ type: 'ip' as const, value })),
      ]),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      await x509.AuthorityKeyIdentifierExtension.create(authority.publicKey),
    ],
  });
  writeFileSync(files.leafKey, await toPem(keys.privateKey), { mode: 0o600 });
  writeFileSync(files.leaf, `${certificate.toString('pem')}\n`);
}

function isNearlyOver(file: string, now: number): boolean {
  return new x509.X509Certificate(readFileSync(file, 'utf8')).notAfter.getTime() < now + 30 * DAY;
}

function serial(): string {
  return `00${Buffer.from(crypto.getRandomValues(new Uint8Array(15))).toString('hex')}`;
}

async function toPem(key: CryptoKey): Promise<string> {
  return `${x509.PemConverter.encode(await crypto.subtle.exportKey('pkcs8', key), 'PRIVATE KEY')}\n`;
}
