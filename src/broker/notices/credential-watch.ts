import { newId, type Ports } from '../../ports.ts';
import { createFreshCache } from '../fresh-cache.ts';
import type { CredentialEnd } from './credential-ends.ts';
import type { Credential } from './notice.ts';
import { newNotice } from './notice.ts';
import type { Outbox } from './outbox.ts';

export type EndingCredential = Credential & {
  /** Begun days until its end; none is left when it has expired. */
  readonly daysLeft: number;
};

/** Warns before the app's own credential ends. */
export interface CredentialWatch {
  /** When it ends within 30 days, or has; up to an hour old. */
  ending(): Promise<EndingCredential | undefined>;
  /** For a timer: tells once at 30, 14, 7 and 1 days, and when it has expired. */
  check(): Promise<void>;
}

const day = 24 * 3_600_000;
const thresholds = [0, 1, 7, 14, 30];
const knownForMs = 3_600_000;
const note = 'credentials';

export function createCredentialWatch(deps: {
  readonly end: CredentialEnd;
  readonly outbox: Pick<Outbox, 'noted' | 'addNoted'>;
  readonly ports: Pick<Ports, 'clock' | 'random'>;
}): CredentialWatch {
  const { outbox, ports } = deps;
  const known = createFreshCache<{ credential: Credential | undefined }>({
    clock: ports.clock,
    freshForMs: knownForMs,
    capacity: 1,
  });

  async function ending(): Promise<EndingCredential | undefined> {
    const found = await known.get('end', async () => ({ credential: await deps.end() }));
    const credential = found?.credential;
    const left = (credential?.expiresAt ?? Number.POSITIVE_INFINITY) - ports.clock();
    if (!credential || left > 30 * day) return undefined;
    return { ...credential, daysLeft: Math.max(0, Math.ceil(left / day)) };
  }

  return {
    ending,
    async check() {
      const credential = await ending();
      if (!credential) return;
      const { kind, name, expiresAt, daysLeft } = credential;
      const threshold = thresholds.find((days) => daysLeft <= days);
      const row = await outbox.noted(note);
      // A credential that follows has another end, and is told of anew.
      const key = `${name} ${expiresAt}`;
      const told = row?.value.note?.[key];
      if (threshold === undefined || (told !== undefined && told <= threshold)) return;
      const notice = newNotice({
        id: newId('ntc', ports.random),
        kind: 'credential.expires',
        at: ports.clock(),
        credential: { kind, name, expiresAt, daysLeft },
      });
      await outbox.addNoted(note, row, { [key]: threshold }, [notice]);
    },
  };
}

/** In a sentence: "The client secret of this app expires in 12 days." */
export function endingSentence({ kind, daysLeft }: EndingCredential): string {
  const what = `The ${kind === 'secret' ? 'client secret' : 'certificate'} of this app`;
  if (daysLeft === 0) return `${what} has expired.`;
  return `${what} expires in ${daysLeft} ${daysLeft === 1 ? 'day' : 'days'}.`;
}
