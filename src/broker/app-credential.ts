import type { Config } from '../config.ts';
import type { Ports } from '../ports.ts';
import type { Storage } from '../storage/storage.ts';
import type { AppCredential, AppProof } from './app-proof.ts';

import { createCertificateSigner } from './certificate-assertion.ts';
import { createFederatedCredential } from './federated-credential.ts';
import { createVaultCredential } from './vault-credential.ts';

export const certificateSecret = 'graph-valet-certificate';
export const clientSecretSecret = 'graph-valet-client-secret';

/** The app's own credential: `federated` (managed identity, no secret at all), `certificate` or `secret`. */
export function createAppCredential(deps: {
  readonly config: Pick<Config, 'entra'>;
  readonly storage: Pick<Storage, 'vault' | 'credential'>;
  readonly ports: Pick<Ports, 'clock' | 'random' | 'log'>;
}): AppCredential {
  const { storage, ports } = deps;
  const { entra } = deps.config;
  if (entra.credential === 'federated')
    return createFederatedCredential({ entra, credential: storage.credential, ports });
  if (entra.credential === 'certificate') {
    const toProve = createCertificateSigner(entra, ports);
    return createVaultCredential({ vault: storage.vault, name: certificateSecret, toProve, ports });
  }
  const toProve = (clientSecret: string) => async (): Promise<AppProof> => ({ clientSecret });
  return createVaultCredential({ vault: storage.vault, name: clientSecretSecret, toProve, ports });
}
