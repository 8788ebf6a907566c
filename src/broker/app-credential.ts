import type { Config } from '../config.ts';
import { AppError } from '../errors.ts';
import type { Ports } from '../ports.ts';
import type { Storage } from '../storage/storage.ts';
import type { AppProof } from './app-proof.ts';
import { createCertificateSigner } from './certificate-assertion.ts';

export const certificateSecret = 'graph-valet-certificate';
export const clientSecretSecret = 'graph-valet-client-secret';

export interface AppCredential {
  /** The proof for one tenant, from memory while it is good. Throws `broker_misconfigured` or `upstream_unavailable`. */
  proof(tenantId: string): Promise<AppProof>;
  /** After a refusal: reads the source again. True when it holds something new, so that another try makes sense. */
  renew(): Promise<boolean>;
}

export interface AppCredentialDeps {
  readonly config: Pick<Config, 'entra'>;
  readonly storage: Pick<Storage, 'vault' | 'credential'>;
  readonly ports: Pick<Ports, 'clock' | 'random'>;
}

/** How long a secret of Key Vault is used before it is read again. */
const freshForMs = 10 * 60_000;

/** While Key Vault is down, what was read goes on serving for this long. */
const staleForMs = 60 * 60_000;

/** The app's own credential: `federated` (managed identity, no secret at all), `certificate` or `secret`. */
export function createAppCredential(deps: AppCredentialDeps): AppCredential {
  const { config, storage, ports } = deps;
  if (config.entra.credential === 'federated') return createFederatedCredential(deps);

  const name = config.entra.credential === 'certificate' ? certificateSecret : clientSecretSecret;
  const toProve =
    config.entra.credential === 'certificate'
      ? createCertificateSigner(config.entra, ports)
      : (secret: string) => async (): Promise<AppProof> => ({ clientSecret: secret });

  let held: { text: string; readAt: number; prove: (tenantId: string) => Promise<AppProof> } | undefined;
  let reading: Promise<void> | undefined;

  async function read(): Promise<void> {
    const secret = await storage.vault.secret(name);
    if (!secret) {
      throw new AppError(
        'broker_misconfigured',
        `Key Vault has no secret "${name}", by which this app proves itself.`,
      );
    }
    const text = secret.value;
    held = { text, readAt: ports.clock(), prove: held?.text === text ? held.prove : toProve(text) };
  }

  function readOnce(): Promise<void> {
    reading ??= read().finally(() => {
      reading = undefined;
    });
    return reading;
  }

  return {
    async proof(tenantId) {
      const age = held ? ports.clock() - held.readAt : Number.POSITIVE_INFINITY;
      if (!held || age < 0 || age >= freshForMs) {
        try {
          await readOnce();
        } catch (error) {
          if (!held || age >= staleForMs) throw error;
        }
      }
      if (!held) throw new AppError('internal_error', 'The credential of this app was not read.');
      return held.prove(tenantId);
    },

    async renew() {
      const before = held?.text;
      await readOnce();
      return held?.text !== before;
    },
  };
}

/** A token of the managed identity stands for the app: it is good at every tenant, so one is enough. */
function createFederatedCredential({ config, storage, ports }: AppCredentialDeps): AppCredential {
  const scope = `${config.entra.tokenExchangeAudience}/.default`;
  let held: { assertion: string; until: number } | undefined;
  let asking: Promise<string> | undefined;

  async function ask(): Promise<string> {
    try {
      const token = await storage.credential().getToken(scope);
      if (!token) throw new Error('the managed identity gave no token');
      held = { assertion: token.token, until: token.expiresOnTimestamp - 5 * 60_000 };
      return token.token;
    } catch (error) {
      throw new AppError('broker_misconfigured', 'The managed identity of this app gives no token for it.', {
        detail: `asked for ${scope}: ${error instanceof Error ? error.name : typeof error}`,
        retryable: true,
        retryAfter: 10,
      });
    }
  }

  return {
    async proof() {
      if (held && held.until > ports.clock()) return { clientAssertion: held.assertion };
      asking ??= ask().finally(() => {
        asking = undefined;
      });
      return { clientAssertion: await asking };
    },
    // The identity's own cache would give the same token again.
    renew: async () => false,
  };
}
