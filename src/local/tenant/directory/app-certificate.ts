import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { makeSelfSigned } from '../identity/signing-keys.ts';
import type { Directory } from './directory.ts';

/** Registers a certificate for Graph Valet and keeps it, with its private key, in `file`; an earlier one is kept. Returns `file`. */
export async function ensureAppCertificate(directory: Directory, file: string, now: number): Promise<string> {
  const app = directory.application(directory.data.main.clientId);
  if (!app) throw new Error('the directory has no Graph Valet');
  if (!existsSync(file))
    writeFileSync(file, await makeSelfSigned('CN=Graph Valet', now, 365), { mode: 0o600 });
  const text = readFileSync(file, 'utf8');
  const pem = text.slice(text.indexOf('-----BEGIN CERTIFICATE'));
  if (app.certificates.some((known) => known.pem === pem)) return file;
  const day = 86_400_000;
  app.certificates.push({
    keyId: randomUUID(),
    displayName: 'CN=Graph Valet',
    pem,
    startDateTime: new Date(now - day).toISOString(),
    endDateTime: new Date(now + 365 * day).toISOString(),
  });
  directory.changed();
  return file;
}
