import type { Config } from '../../config.ts';
import type { Ports } from '../../ports.ts';
import type { Storage } from '../../storage/storage.ts';
import { type ChannelDeps, createChannels } from './channels.ts';
import { createCredentialEnd } from './credential-ends.ts';
import { type CredentialWatch, createCredentialWatch } from './credential-watch.ts';
import type { Notice } from './notice.ts';
import { createOutbox } from './outbox.ts';
import { createSendNotices, type SendNotices } from './send-notices.ts';

/** Who must act is told: of connections that need a person, and of the app's own credential. */
export interface Notices {
  readonly send: SendNotices;
  readonly credential: CredentialWatch;
  /** Those that no receiver took in three days. */
  givenUp(): Promise<Notice[]>;
}

export function createNotices(
  deps: Pick<ChannelDeps, 'connections' | 'graphFor'> & {
    readonly config: Config;
    readonly storage: Pick<Storage, 'table' | 'vault' | 'leases'>;
    readonly ports: Ports;
  },
): Notices {
  const { storage, connections, ports } = deps;
  const outbox = createOutbox(storage);
  const channels = createChannels(deps);
  return {
    send: createSendNotices({ outbox, channels, connections, leases: storage.leases, ports }),
    credential: createCredentialWatch({ end: createCredentialEnd(deps), outbox, ports }),
    givenUp: async () =>
      (await outbox.open()).flatMap(({ notice }) => (notice.givenUp === undefined ? [] : [notice])),
  };
}
