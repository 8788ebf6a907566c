import type { Storage } from '../../storage/storage.ts';
import { type ChannelDeps, createChannels } from './channels.ts';
import type { Notice } from './notice.ts';
import { createOutbox, type Outbox } from './outbox.ts';
import { createSendNotices, type SendNotices } from './send-notices.ts';

export interface Notices {
  readonly outbox: Outbox;
  readonly send: SendNotices;
  /** Those that no receiver took in three days. */
  givenUp(): Promise<Notice[]>;
}

export function createNotices(
  deps: Omit<ChannelDeps, 'storage'> & { readonly storage: Pick<Storage, 'table' | 'vault' | 'leases'> },
): Notices {
  const { storage, ports } = deps;
  const outbox = createOutbox(storage);
  return {
    outbox,
    send: createSendNotices({
      outbox,
      channels: createChannels(deps),
      connections: deps.connections,
      leases: storage.leases,
      ports,
    }),
    givenUp: async () =>
      (await outbox.open()).flatMap(({ notice }) => (notice.givenUp === undefined ? [] : [notice])),
  };
}
