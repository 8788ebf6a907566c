import type { Config } from '../config.ts';
import { isAppError } from '../errors.ts';
import type { AppCredential } from './app-proof.ts';

export interface Check {
  readonly name: 'storage' | 'vault' | 'keys' | 'credential';
  readonly ok: boolean;
  /** A public sentence, when something is wrong. */
  readonly problem?: string;
}

/** Asks everything that a token needs, and names what does not answer. */
export function createReadiness(deps: {
  readonly config: Pick<Config, 'entra'>;
  readonly storageAnswers: () => Promise<unknown>;
  readonly activeKey: () => Promise<unknown>;
  readonly keyCheck: () => Promise<void>;
  readonly credential: Pick<AppCredential, 'proof'>;
}): () => Promise<Check[]> {
  const check = async (name: Check['name'], ask: () => Promise<unknown>): Promise<Check> => {
    try {
      await ask();
      return { name, ok: true };
    } catch (error) {
      return {
        name,
        ok: false,
        problem: isAppError(error) ? error.message : 'It does not answer as expected.',
      };
    }
  };
  return () =>
    Promise.all([
      check('storage', deps.storageAnswers),
      check('vault', deps.activeKey),
      check('keys', deps.keyCheck),
      check('credential', () => deps.credential.proof(deps.config.entra.tenantId)),
    ]);
}
