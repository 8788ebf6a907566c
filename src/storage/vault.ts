import type { TokenCredential } from '@azure/identity';
import { SecretClient } from '@azure/keyvault-secrets';
import { isLoopback } from '../config.ts';
import { AppError } from '../errors.ts';
import { statusOf } from './storage-error.ts';
import { createTimeLimit } from './time-limit.ts';

export interface VaultSecret {
  readonly value: string;
  readonly version: string;
  /** Milliseconds since 1970; undefined when the secret has no expiry. */
  readonly expiresAt: number | undefined;
}

export interface VaultVersion {
  readonly version: string;
  readonly enabled: boolean;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
}

export interface Vault {
  /** The newest version, or the named one; undefined when there is none, or when the named one is disabled. */
  secret(name: string, version?: string): Promise<VaultSecret | undefined>;
  /** All versions without their values, newest first. */
  versions(name: string): Promise<VaultVersion[]>;
  /** A new version. Throws `forbidden` where this app may only read. */
  add(name: string, value: string): Promise<VaultSecret>;
  /** Throws `forbidden` where this app may only read. */
  disable(name: string, version: string): Promise<void>;
}

/** Key Vault by the Azure SDK. Only a local tenant lives on localhost, and only there is the host check relaxed. */
export function createVault(url: string, credential: () => TokenCredential): Vault {
  let client: SecretClient | undefined;
  const secrets = () => {
    client ??= new SecretClient(url, credential(), {
      disableChallengeResourceVerification: isLoopback(new URL(url)),
      additionalPolicies: [createTimeLimit()],
      retryOptions: { maxRetries: 2, retryDelayInMs: 200, maxRetryDelayInMs: 2_000 },
    });
    return client;
  };

  async function run<T>(name: string, work: () => Promise<T>, refusal?: string): Promise<T> {
    try {
      return await work();
    } catch (error) {
      const status = statusOf(error);
      const options = { cause: error, detail: `secret ${name}: Key Vault answered ${status ?? 'nothing'}` };
      if (status === 403 && refusal !== undefined) throw new AppError('forbidden', refusal, options);
      throw new AppError('upstream_unavailable', 'Key Vault did not answer as expected. Try again shortly.', {
        ...options,
        retryable: true,
        retryAfter: 5,
      });
    }
  }

  return {
    secret: (name, version) =>
      run(name, async () => {
        try {
          const found = await secrets().getSecret(name, version ? { version } : {});
          if (!found.value || !found.properties.version) return undefined;
          return {
            value: found.value,
            version: found.properties.version,
            expiresAt: found.properties.expiresOn?.getTime(),
          };
        } catch (error) {
          if (statusOf(error) === 404 || (version !== undefined && isDisabled(error))) return undefined;
          throw error;
        }
      }),

    versions: (name) =>
      run(name, async () => {
        const found: VaultVersion[] = [];
        for await (const { version, enabled, createdOn } of secrets().listPropertiesOfSecretVersions(name)) {
          if (version)
            found.push({ version, enabled: enabled ?? true, createdAt: createdOn?.getTime() ?? 0 });
        }
        return found.sort((a, b) => b.createdAt - a.createdAt);
      }),

    add: (name, value) =>
      run(
        name,
        async () => {
          const { properties } = await secrets().setSecret(name, value);
          return { value, version: properties.version ?? '', expiresAt: properties.expiresOn?.getTime() };
        },
        'Key Vault lets this app read secrets, but not add versions.',
      ),

    disable: (name, version) =>
      run(
        name,
        async () => {
          await secrets().updateSecretProperties(name, version, { enabled: false });
        },
        'Key Vault lets this app read secrets, but not disable versions.',
      ),
  };
}

function isDisabled(error: unknown): boolean {
  return statusOf(error) === 403 && /disabled/i.test(error instanceof Error ? error.message : '');
}
