import { AppError } from '../errors.ts';
import type { Ports } from '../ports.ts';
import type { Vault } from '../storage/vault.ts';
import type { AppCredential, AppProof } from './app-proof.ts';

/** How long a secret of Key Vault is used before the newest version is read again. */
const freshForMs = 10 * 60_000;

/** While Key Vault is down, what was read goes on serving for this long. */
const staleForMs = 60 * 60_000;

/** After a failed read, and after all versions were refused, Key Vault is left alone so long. */
const pauseMs = 30_000;

/** Versions that overlap while a secret is replaced; more than these are no rotation but a mistake. */
const mostVersions = 3;

interface Held {
  readonly version: string;
  readonly text: string;
  readonly prove: (tenantId: string) => Promise<AppProof>;
}

/**
 * The versions of one secret of Key Vault, in order: the newest that Microsoft does not refuse. So a new secret can be stored
 * before Entra knows it, and an old one may end before the new one is read.
 */
export function createVaultCredential(deps: {
  readonly vault: Pick<Vault, 'secret' | 'versions'>;
  readonly name: string;
  /** Throws `broker_misconfigured` for a text that is no credential. */
  readonly toProve: (text: string) => (tenantId: string) => Promise<AppProof>;
  readonly ports: Pick<Ports, 'clock' | 'log'>;
}): AppCredential {
  const { vault, name, ports } = deps;
  const { clock, log } = ports;
  let held: Held | undefined;
  let readAt = Number.NEGATIVE_INFINITY;
  let failedAt = Number.NEGATIVE_INFINITY;
  let exhaustedAt = Number.NEGATIVE_INFINITY;
  let reading: Promise<void> | undefined;
  let refusals = new Set<string>();

  async function load(version?: string): Promise<Held | undefined> {
    const secret = await vault.secret(name, version);
    if (!secret) return undefined;
    if (held?.version === secret.version && held.text === secret.value) return held;
    return { version: secret.version, text: secret.value, prove: deps.toProve(secret.value) };
  }

  async function readNewest(): Promise<void> {
    const newest = await load();
    if (!newest) {
      throw new AppError(
        'broker_misconfigured',
        `Key Vault has no secret "${name}", by which this app proves itself.`,
      );
    }
    held = newest;
    readAt = clock();
    // Entra learns of a new secret some time after Key Vault: it gets another chance.
    refusals = new Set();
  }

  function once(work: () => Promise<void>): Promise<void> {
    reading ??= work().finally(() => {
      reading = undefined;
    });
    return reading;
  }

  const within = (since: number, ms: number) => clock() - since >= 0 && clock() - since < ms;

  async function holdAnother(): Promise<void> {
    const newest = await load();
    const found = newest && !refusals.has(newest.version) ? newest : await older();
    if (!found) {
      exhaustedAt = clock();
      return;
    }
    held = found;
    readAt = clock();
  }

  async function older(): Promise<Held | undefined> {
    const enabled = (await vault.versions(name)).filter((each) => each.enabled).slice(0, mostVersions);
    const next = enabled.find(({ version }) => !refusals.has(version));
    return next && load(next.version);
  }

  return {
    async proof(tenantId) {
      const mayServe = held !== undefined && clock() - readAt < staleForMs;
      if (!held || !within(readAt, freshForMs)) {
        if (!mayServe || !within(failedAt, pauseMs)) {
          try {
            await once(readNewest);
          } catch (error) {
            failedAt = clock();
            if (!mayServe) throw error;
          }
        }
      }
      if (!held) throw new AppError('internal_error', 'The credential of this app was not read.');
      return { proof: await held.prove(tenantId), version: held.version };
    },

    async refused(version) {
      // Many requests may have been under way with it: one of them looks, the others take what it found.
      if (held && held.version !== version) return !refusals.has(held.version);
      const first = !refusals.has(version);
      refusals.add(version);
      if (!within(exhaustedAt, pauseMs)) await once(holdAnother);
      const another = held !== undefined && held.version !== version && !refusals.has(held.version);
      if (first) log.error('app_credential_refused', { secret: name, version, another });
      return another;
    },
  };
}
