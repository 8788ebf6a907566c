import { z } from 'zod';
import { AppError, isAppError } from '../errors.ts';
import type { StorageClients } from './clients.ts';
import type { Envelope } from './envelope.ts';
import { createTable } from './table.ts';

/**
 * Proves that the keys of this installation open what is stored, before anything is served: the first start seals a known row, each
 * later one opens it. Throws `credential_undecryptable`; a failed check is tried again at the next call.
 */
export function createKeyCheck(clients: StorageClients, envelope: Envelope): () => Promise<void> {
  const table = createTable(clients, {
    name: 'tokens',
    envelope,
    schema: z.object({ known: z.literal('graph-valet') }),
  });
  let checked: Promise<void> | undefined;

  async function check(): Promise<void> {
    try {
      if (await table.get('key-check', 'known')) return;
      await table.insert('key-check', 'known', { known: 'graph-valet' });
    } catch (error) {
      // Another instance made it at the same moment.
      if (isAppError(error, 'conflict')) return;
      if (!isAppError(error, 'credential_undecryptable')) throw error;
      throw new AppError(
        'credential_undecryptable',
        'The keys in Key Vault do not open what this installation has stored. Restore the version of the key that sealed it.',
        { cause: error, ...(error.detail === undefined ? {} : { detail: error.detail }) },
      );
    }
  }

  return () => {
    checked ??= check().catch((error: unknown) => {
      checked = undefined;
      throw error;
    });
    return checked;
  };
}

/** Seals nothing before the keys were proved: what a wrong key sealed would be lost with it. */
export function withKeyCheck(envelope: Envelope, check: () => Promise<void>): Envelope {
  return {
    open: envelope.open,
    async seal(plain, place) {
      await check();
      return envelope.seal(plain, place);
    },
  };
}
