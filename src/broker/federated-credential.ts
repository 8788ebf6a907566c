import type { Config } from '../config.ts';
import { AppError } from '../errors.ts';
import type { Ports } from '../ports.ts';
import type { Storage } from '../storage/storage.ts';
import type { AppCredential } from './app-proof.ts';

/** A token of the managed identity stands for the app: it is good at every tenant, so one is enough. */
export function createFederatedCredential(deps: {
  readonly entra: Pick<Config['entra'], 'tokenExchangeAudience'>;
  readonly credential: Storage['credential'];
  readonly ports: Pick<Ports, 'clock' | 'log'>;
}): AppCredential {
  const { ports } = deps;
  const scope = `${deps.entra.tokenExchangeAudience}/.default`;
  let held: { assertion: string; until: number } | undefined;
  let asking: Promise<string> | undefined;

  async function ask(): Promise<string> {
    try {
      const token = await deps.credential().getToken(scope);
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
      if (held && held.until > ports.clock()) return toProof(held.assertion);
      asking ??= ask().finally(() => {
        asking = undefined;
      });
      return toProof(await asking);
    },
    async refused() {
      // The identity's own cache would give the same token again.
      ports.log.error('app_credential_refused', { credential: 'federated' });
      return false;
    },
  };
}

function toProof(clientAssertion: string) {
  return { proof: { clientAssertion }, version: 'federated' };
}
