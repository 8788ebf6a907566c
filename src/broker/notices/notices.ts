import type { Config } from '../../config.ts';
import { isAppError } from '../../errors.ts';
import { newId, type Ports } from '../../ports.ts';
import type { Storage } from '../../storage/storage.ts';
import { type Channel, type ChannelDeps, createChannels } from './channels.ts';
import { createCredentialEnd } from './credential-ends.ts';
import { type CredentialWatch, createCredentialWatch } from './credential-watch.ts';
import { type Notice, type NoticeChannel, newNotice } from './notice.ts';
import { createOutbox } from './outbox.ts';
import { createSendNotices, type SendNotices } from './send-notices.ts';

/** Who must act is told: of connections that need a person, and of the app's own credential. */
export interface Notices {
  readonly send: SendNotices;
  readonly credential: CredentialWatch;
  /** Those that some receiver has not taken yet, oldest first. */
  open(): Promise<Notice[]>;
  /** Those that no receiver took in three days. */
  givenUp(): Promise<Notice[]>;
  /** Sends a test now by each channel, by mail to `reader`, and says what became of it. */
  test(reader: string): Promise<Trial[]>;
}

export interface Trial {
  readonly channel: NoticeChannel;
  readonly ok: boolean;
  /** A public sentence. */
  readonly problem?: string;
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
    open,
    givenUp: async () => (await open()).filter(({ givenUp }) => givenUp !== undefined),
    async test(reader) {
      const id = newId('ntc', ports.random);
      const notice = newNotice({ id, kind: 'test', at: ports.clock(), reader });
      return Promise.all(channels.map((channel) => trial(channel, notice)));
    },
  };

  async function open(): Promise<Notice[]> {
    return (await outbox.open()).map(({ notice }) => notice);
  }
}

async function trial(channel: Channel, notice: Notice): Promise<Trial> {
  try {
    await channel.send(notice);
    return { channel: channel.name, ok: true };
  } catch (error) {
    const problem = isAppError(error) ? error.message : 'It could not be sent.';
    return { channel: channel.name, ok: false, problem };
  }
}
