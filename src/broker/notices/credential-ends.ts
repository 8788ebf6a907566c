import { X509Certificate } from 'node:crypto';
import { z } from 'zod';
import type { Config } from '../../config.ts';
import { isAppError } from '../../errors.ts';
import type { GraphFor } from '../../graph/graph-client.ts';
import type { Ports } from '../../ports.ts';
import type { Storage } from '../../storage/storage.ts';
import type { VaultSecret } from '../../storage/vault.ts';
import { certificateSecret, clientSecretSecret } from '../app-credential.ts';
import type { Connections } from '../connections.ts';
import type { Credential } from './notice.ts';

/**
 * When the credential of this app ends, the earliest that is known: by the attributes of its secret in Key Vault, by the certificate
 * itself, and by the app registration where an app connection may read it. Undefined where it has none, or no end.
 */
export type CredentialEnd = () => Promise<Credential | undefined>;

const registrationReaders = ['Application.Read.All', 'Application.ReadWrite.All', 'Directory.Read.All'];
const registrations = z.object({
  value: z.array(
    z.object({
      passwordCredentials: z.array(
        z.object({ hint: z.string().nullish(), endDateTime: z.iso.datetime({ offset: true }).nullish() }),
      ),
    }),
  ),
});

export function createCredentialEnd(deps: {
  readonly config: Pick<Config, 'entra'>;
  readonly storage: Pick<Storage, 'vault'>;
  readonly connections: Pick<Connections, 'list'>;
  readonly graphFor: GraphFor;
  readonly ports: Pick<Ports, 'log'>;
}): CredentialEnd {
  const { entra } = deps.config;

  /** Of the client secret as the registration has it; undefined where nobody here may read that. */
  async function registeredEnd({ value }: VaultSecret): Promise<number | undefined> {
    const reader = (await deps.connections.list()).find(
      ({ kind, tenantId, health, scopes }) =>
        kind === 'app' &&
        tenantId === entra.tenantId &&
        health === 'active' &&
        scopes.some((scope) => registrationReaders.includes(scope)),
    );
    if (!reader) return undefined;
    try {
      const client = await deps.graphFor(reader.id, 'reports');
      const filter = encodeURIComponent(`appId eq '${entra.clientId}'`);
      const { body } = await client.call({
        path: `/applications?$filter=${filter}&$select=appId,passwordCredentials`,
        schema: registrations,
      });
      const all = body.value[0]?.passwordCredentials ?? [];
      // Microsoft tells the first three characters of a secret, and old ones stay beside it; of several that begin alike the last to end.
      const ours = all.filter(({ hint }) => hint == null || hint === value.slice(0, 3));
      const ends = ours.flatMap(({ endDateTime }) => (endDateTime ? [Date.parse(endDateTime)] : []));
      return ends.length > 0 ? Math.max(...ends) : undefined;
    } catch (error) {
      if (!isAppError(error)) throw error;
      deps.ports.log.warn('app_registration_unread', { connection: reader.id, code: error.code });
      return undefined;
    }
  }

  return async () => {
    if (entra.credential === 'federated') return undefined;
    const kind = entra.credential;
    const name = kind === 'certificate' ? certificateSecret : clientSecretSecret;
    const secret = await deps.storage.vault.secret(name);
    if (!secret) return undefined;
    const own = kind === 'certificate' ? certificateEnd(secret.value) : await registeredEnd(secret);
    const ends = [secret.expiresAt, own].filter((end) => end !== undefined);
    return ends.length > 0 ? { kind, name, expiresAt: Math.min(...ends) } : undefined;
  };
}

/** Undefined for what is no certificate: readiness says that already. */
function certificateEnd(pem: string): number | undefined {
  try {
    const end = Date.parse(new X509Certificate(pem).validTo);
    return Number.isFinite(end) ? end : undefined;
  } catch {
    return undefined;
  }
}
