import type { TokenCredential } from '@azure/identity';
import { SecretClient } from '@azure/keyvault-secrets';
import { isLoopback } from '../config.ts';
import { AppError } from '../errors.ts';
import { statusOf } from './storage-error.ts';

export interface VaultSecret {
  readonly value: string;
  readonly version: string;
  /** Milliseconds since 1970; undefined when the secret has no expiry. */
  readonly expiresAt: number | undefined;
}

export interface Vault {
  /** The newest enabled version, or the named one; undefined when there is none. */
  secret(name: string, version?: string): Promise<VaultSecret | undefined>;
}

/** Key Vault by the Azure SDK. Only a local tenant lives on localhost, and only there is the host check relaxed. */
export function createVault(url: string, credential: () => TokenCredential): Vault {
  let client: SecretClient | undefined;
  const secrets = () => {
    client ??= new SecretClient(url, credential(), {
      disableChallengeResourceVerification: isLoopback(new URL(url)),
      retryOptions: { maxRetries: 2, maxRetryDelayInMs: 2_000 },
    });
    return client;
  };

  return {
    async secret(name, version) {
      try {
        const found = await secrets().getSecret(name, version ? { version } : {});
        if (!found.value || !found.properties.version) return undefined;
        return {
          value: found.value,
          version: found.properties.version,
          expiresAt: found.properties.expiresOn?.getTime(),
        };
      } catch (error) {
        if (statusOf(error) === 404) return undefined;
        throw new AppError(
          'upstream_unavailable',
          'Key Vault did not answer as expected. Try again shortly.',
          {
            cause: error,
            detail: `secret ${name}: Key Vault answered ${statusOf(error) ?? 'nothing'}`,
            retryable: true,
            retryAfter: 5,
          },
        );
      }
    },
  };
}
