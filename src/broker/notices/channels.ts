import type { Config } from '../../config.ts';
import { AppError } from '../../errors.ts';
import type { GraphFor } from '../../graph/graph-client.ts';
import { sendMail } from '../../graph/send-mail.ts';
import { createPost } from '../../outbound/post.ts';
import { signWebhook } from '../../outbound/sign-webhook.ts';
import type { Ports } from '../../ports.ts';
import type { Storage } from '../../storage/storage.ts';
import type { Connections } from '../connections.ts';
import { createFreshCache } from '../fresh-cache.ts';
import type { Notice, NoticeChannel } from './notice.ts';
import { noticeBody, noticeMail } from './notice-text.ts';

/** One way to tell somebody. Throws when the notice was not taken. */
export interface Channel {
  readonly name: NoticeChannel;
  send(notice: Notice): Promise<void>;
}

export interface ChannelDeps {
  readonly config: Pick<Config, 'notices' | 'publicUrl' | 'inAzure' | 'administrators'>;
  readonly storage: Pick<Storage, 'vault'>;
  readonly connections: Pick<Connections, 'list' | 'get'>;
  readonly graphFor: GraphFor;
  readonly ports: Pick<Ports, 'clock' | 'fetch' | 'log'>;
}

/** Those that the settings name. */
export function createChannels(deps: ChannelDeps): Channel[] {
  const { webhook, mail } = deps.config.notices;
  return [...(webhook ? [webhookChannel(deps, webhook)] : []), ...(mail ? [mailChannel(deps, mail)] : [])];
}

const secretFreshForMs = 10 * 60_000;

function webhookChannel(
  { config, storage, ports }: ChannelDeps,
  { url, secretName }: { url: string; secretName: string },
): Channel {
  const post = createPost(ports.fetch, { allowLoopback: !config.inAzure });
  const secrets = createFreshCache<string>({ clock: ports.clock, freshForMs: secretFreshForMs, capacity: 1 });

  return {
    name: 'webhook',
    async send(notice) {
      const secret = await secrets.get(
        secretName,
        async () => (await storage.vault.secret(secretName))?.value,
      );
      if (secret === undefined) {
        throw new AppError(
          'broker_misconfigured',
          `Key Vault has no secret "${secretName}", which signs the notices.`,
        );
      }
      const body = JSON.stringify(noticeBody(notice, config.publicUrl));
      await post(url, body, signWebhook({ id: notice.id, at: ports.clock(), body }, secret));
    },
  };
}

function mailChannel(
  { config, connections, graphFor, ports }: ChannelDeps,
  { connection, from }: { connection: string; from: string },
): Channel {
  return {
    name: 'mail',
    async send(notice) {
      const to = await readers(notice);
      if (to.length === 0) {
        ports.log.info('notice_without_reader', { notice: notice.id, kind: notice.kind });
        return;
      }
      const client = await graphFor(connection, 'rules');
      await sendMail(client, {
        from,
        to,
        ...noticeMail(notice, config.publicUrl),
        headers: { 'x-graph-valet-notice': notice.id },
      });
    },
  };

  /** Whoever asked, the person of the connection, whoever made it where it has none, or the administrators. */
  async function readers({ connection: told, reader }: Notice): Promise<string[]> {
    if (reader !== undefined) return [reader];
    if (told?.username !== undefined) return told.username.includes('@') ? [told.username] : [];
    const ids = told ? new Set([told.createdBy]) : config.administrators;
    const found = (await connections.list()).flatMap(({ objectId, username }) =>
      objectId !== undefined && ids.has(objectId) && username?.includes('@') ? [username] : [],
    );
    return [...new Set(found)];
  }
}
