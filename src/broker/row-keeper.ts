import { setTimeout as wait } from 'node:timers/promises';
import { isAppError } from '../errors.ts';
import type { Log } from '../ports.ts';
import type { Row } from '../storage/table.ts';
import type { TokenRow, TokenRows } from './token-rows.ts';

export interface RowToKeep {
  readonly connectionId: string;
  readonly rowKey: string;
  /** As it was read: whatever was written since is newer. */
  readonly old: Row<TokenRow> | undefined;
  readonly value: TokenRow;
}

export interface RowKeeper {
  /**
   * Writes what Entra gave. While the store does not answer it tries on in the background for some minutes, because the old
   * refresh token may be spent; `kept` is called when that succeeds. Never throws for a store that is away.
   */
  keep(row: RowToKeep, kept: () => Promise<unknown>): Promise<'kept' | 'outrun' | 'later'>;
}

/** The caller has waited for the SDK's own tries: the rest is done behind the answer. */
const laterWaits = [1_000, 2_000, 4_000, 8_000, 15_000, 30_000, 60_000, 120_000, 240_000];

export function createRowKeeper(deps: {
  readonly rows: Pick<TokenRows, 'write'>;
  readonly log: Log;
}): RowKeeper {
  const { rows, log } = deps;

  async function attempt({ connectionId: connection, rowKey, old, value }: RowToKeep) {
    try {
      if (await rows.write(connection, rowKey, old, value)) return 'kept';
      log.warn('token_write_outrun', { connection, fence: value.fence });
      return 'outrun';
    } catch (error) {
      // Neither can anything be sealed while Key Vault is away for longer than its keys are kept.
      if (!isAppError(error, 'storage_unavailable') && !isAppError(error, 'upstream_unavailable'))
        throw error;
      return 'later';
    }
  }

  async function keepTrying(row: RowToKeep, kept: () => Promise<unknown>): Promise<void> {
    const { connectionId: connection } = row;
    for (const ms of laterWaits) {
      await wait(ms, undefined, { ref: false });
      const how = await attempt(row);
      if (how === 'later') continue;
      if (how === 'kept') await kept();
      log.info('token_kept_late', { connection, how });
      return;
    }
    log.error('token_lost', { connection, fence: row.value.fence });
  }

  return {
    async keep(row, kept) {
      const { connectionId: connection } = row;
      const how = await attempt(row);
      if (how !== 'later') return how;
      log.error('token_not_kept', { connection, fence: row.value.fence });
      keepTrying(row, kept).catch(() => log.error('token_lost', { connection, fence: row.value.fence }));
      return 'later';
    },
  };
}
