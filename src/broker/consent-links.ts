import { z } from 'zod';
import type { Config } from '../config.ts';
import { AppError, isAppError } from '../errors.ts';
import { newId, type Ports } from '../ports.ts';
import type { Queue } from '../storage/queue.ts';
import type { Storage } from '../storage/storage.ts';
import type { Row } from '../storage/table.ts';
import { requireAlias } from './alias.ts';
import type { ConnectTenant } from './connect-tenant.ts';
import type { Connections } from './connections.ts';
import {
  type ConsentLink,
  type ConsentLinks,
  type ConsentMessage,
  type ConsentOutcome,
  consentMessage,
} from './consent-link.ts';
import { sameDigest, sha256 } from './digest.ts';
import { requireTenantId } from './entra-endpoints.ts';
import { createFlowRows } from './flows/flow-rows.ts';
import { graphResource } from './issued-token.ts';
import type { MicrosoftPages } from './microsoft-pages.ts';

const record = z.object({
  id: z.string(),
  alias: z.string(),
  permissions: z.array(z.string()),
  tenantId: z.string().optional(),
  note: z.string().optional(),
  status: z.enum(['open', 'proving', 'connected', 'refused']),
  reason: z.object({ code: z.string(), message: z.string() }).optional(),
  /** What the callback claimed; believed when a token of that tenant proves it. */
  claimedTenantId: z.string().optional(),
  connectionId: z.string().optional(),
  createdAt: z.number(),
  expiresAt: z.number(),
  createdBy: z.string(),
  /** Shown by the page only. The row is sealed. */
  key: z.string(),
});
type LinkRecord = z.infer<typeof record>;

const linkRow = z.object({ link: record.optional(), id: z.string().optional(), expiresAt: z.number() });

type LinkRow = Row<z.infer<typeof linkRow>> & { readonly link: LinkRecord };

const partition = 'consent-link';
const stateSeconds = 60 * 60;
const mostAttempts = 8;
const keptForMs = 90 * 86_400_000;

/** Links of the sealed table `flows`; the ticket is in the address only, its SHA-256 leads to the link. */
export function createConsentLinks(deps: {
  readonly config: Config;
  readonly storage: Pick<Storage, 'sealedTable' | 'queue'>;
  readonly pages: MicrosoftPages;
  readonly connections: Pick<Connections, 'get' | 'list'>;
  readonly connectTenant: ConnectTenant;
  readonly ports: Pick<Ports, 'clock' | 'random' | 'log'>;
}): ConsentLinks {
  const { config, ports } = deps;
  const { clock } = ports;
  const table = deps.storage.sealedTable({
    name: 'flows',
    schema: linkRow,
    expiresAt: (row) => Math.ceil((row.expiresAt + keptForMs) / 1000),
  });
  const states = createFlowRows(deps.storage, clock, {
    partition: 'consent',
    schema: z.object({ id: z.string() }),
  });
  const queue: Queue<ConsentMessage> = deps.storage.queue('consents', consentMessage);
  const linkKey = (id: string) => `link~${id}`;
  const ticketKey = (ticket: string) => `ticket~${sha256(ticket)}`;

  async function load(id: string): Promise<LinkRow> {
    const row = await table.get(partition, linkKey(id));
    if (!row?.value.link) throw unknown();
    return { ...row, link: row.value.link };
  }

  async function byTicket(ticket: string) {
    const index = ticket.length > 100 ? undefined : await table.get(partition, ticketKey(ticket));
    if (!index?.value.id) throw unknown();
    return load(index.value.id);
  }

  /** Throws `gone` when somebody else was faster. */
  async function save(row: LinkRow, link: LinkRecord): Promise<LinkRow> {
    try {
      return { ...(await table.replace(row, { link, expiresAt: link.expiresAt })), link };
    } catch (error) {
      if (isAppError(error, 'precondition_failed')) throw spent();
      throw error;
    }
  }

  /** The link as it ended: what a message and a browser find out at the same time is said once. */
  async function settle(row: LinkRow, link: LinkRecord): Promise<LinkRecord> {
    try {
      return (await save(row, link)).link;
    } catch (error) {
      if (!isAppError(error, 'gone')) throw error;
      return (await load(link.id)).link;
    }
  }

  /** Tries to prove what the callback claimed. Undefined: not yet. */
  async function tryProof(row: LinkRow, last: boolean): Promise<LinkRecord | undefined> {
    const { link } = row;
    try {
      const connection = await deps.connectTenant({
        alias: link.alias,
        tenantId: link.claimedTenantId ?? '',
        permissions: link.permissions,
        createdBy: link.createdBy,
      });
      const { reason: _, ...rest } = link;
      return await settle(row, { ...rest, status: 'connected', connectionId: connection.id });
    } catch (error) {
      if (!isAppError(error)) throw error;
      const reason = { code: error.code, message: error.message };
      const final = last || error.code === 'conflict';
      if (!final) return undefined;
      ports.log.warn('consent_refused', { link: link.id, code: error.code, detail: error.detail });
      return settle(row, { ...link, status: 'refused', reason });
    }
  }

  async function claim(row: LinkRow, tenantId: string): Promise<ConsentOutcome> {
    const { link } = row;
    const problem = await claimProblem(link, tenantId);
    if (problem) {
      const refused = await save(row, { ...link, status: 'refused', reason: problem });
      return { status: 'refused', message: problem.message, link: toLink(refused.link, clock()) };
    }
    // The message goes first: a process that dies between here and the proof leaves nothing waiting for ever.
    await queue.send({ link: link.id, attempt: 1 }, { delaySeconds: 5 });
    const proving = await save(row, { ...link, status: 'proving', claimedTenantId: tenantId });
    const settled = await tryProof(proving, false);
    if (!settled) {
      const message =
        'Microsoft has not passed the permissions on yet. This is tried again for some minutes; nothing else is to be done.';
      return { status: 'proving', message, link: toLink(proving.link, clock()) };
    }
    const connected = settled.status === 'connected';
    return {
      status: connected ? 'connected' : 'refused',
      message: connected
        ? 'A token of your organisation has proved the permissions.'
        : (settled.reason?.message ?? ''),
      link: toLink(settled, clock()),
    };
  }

  /** Whoever holds a link could name any tenant where this app is known already: then there is nothing that a token could prove. */
  async function claimProblem(link: LinkRecord, tenantId: string) {
    if (link.tenantId !== undefined) {
      if (link.tenantId === tenantId) return undefined;
      return { code: 'forbidden', message: 'This link is for another organisation.' };
    }
    const known = (await deps.connections.list()).some(
      (each) => each.kind === 'app' && each.tenantId === tenantId,
    );
    if (!known && tenantId !== config.entra.tenantId.toLowerCase()) return undefined;
    return {
      code: 'conflict',
      message: 'That organisation is connected already. Ask for a link that is tied to it.',
    };
  }

  return {
    async create(input) {
      const alias = requireAlias(input.alias);
      const tenantId = input.tenantId === undefined ? undefined : requireTenantId(input.tenantId);
      const existing = await deps.connections.get(alias);
      if (existing && (existing.kind !== 'app' || existing.tenantId !== tenantId)) {
        throw new AppError('conflict', `The alias "${alias}" is already used by another connection.`);
      }
      const id = newId('lnk', ports.random);
      const ticket = ports.random(24).toString('base64url');
      const expiresAt = clock() + (input.expiresInHours ?? 72) * 3_600_000;
      const link: LinkRecord = {
        id,
        alias,
        permissions: [...input.permissions],
        ...(tenantId === undefined ? {} : { tenantId }),
        ...(input.note === undefined ? {} : { note: input.note }),
        status: 'open',
        createdAt: clock(),
        expiresAt,
        createdBy: input.createdBy,
        key: ports.random(24).toString('base64url'),
      };
      await table.transact(partition, [
        { kind: 'insert', row: linkKey(id), value: { link, expiresAt } },
        { kind: 'insert', row: ticketKey(ticket), value: { id, expiresAt } },
      ]);
      return { id, url: `${config.publicUrl}/consent/${ticket}` };
    },

    async list() {
      const links: ConsentLink[] = [];
      for await (const { value } of table.list({ partition, from: 'link~', before: 'link~~' })) {
        if (value.link) links.push(toLink(value.link, clock()));
      }
      return links.sort((a, b) => b.createdAt - a.createdAt);
    },

    async view(ticket) {
      const { link } = await byTicket(ticket);
      const shown = toLink(link, clock());
      return { link: shown, key: shown.status === 'open' ? link.key : undefined };
    },

    async begin(ticket, key) {
      const { link } = await byTicket(ticket);
      if (toLink(link, clock()).status !== 'open') {
        throw spent();
      }
      if (!sameDigest(sha256(key), sha256(link.key))) {
        throw new AppError('forbidden', 'Open the link itself, and continue from its page.');
      }
      const state = ports.random(32).toString('base64url');
      await states.put(state, { id: link.id }, stateSeconds);
      const url = await deps.pages.adminConsent(link.tenantId ?? 'organizations');
      const query = {
        client_id: config.entra.clientId,
        scope: `${graphResource}/.default`,
        redirect_uri: `${config.publicUrl}/consent/callback`,
        state,
      };
      for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
      return url.href;
    },

    async finish(query) {
      const state = query.get('state') ?? '';
      const taken = state === '' || state.length > 200 ? undefined : await states.take(state);
      if (!taken)
        throw new AppError('flow_mismatch', 'This answer does not belong to a link, or was used already.');
      if (taken.expired) throw new AppError('flow_expired', 'This took too long. Open the link again.');
      const row = await load(taken.value.id);
      const shown = toLink(row.link, clock());
      if (shown.status !== 'open') throw spent();
      // admin_consent=True stands in the answer of a refusal too: the error decides.
      if (query.get('error') !== null || query.get('admin_consent')?.toLowerCase() !== 'true') {
        return {
          status: 'declined',
          message: 'The permissions were declined. Nothing has been given; the link can be opened again.',
          link: shown,
        };
      }
      return claim(row, requireTenantId(query.get('tenant') ?? ''));
    },

    async prove({ link: id, attempt }) {
      const row = await load(id);
      if (row.link.status !== 'proving') return;
      const settled = await tryProof(row, attempt >= mostAttempts);
      if (!settled)
        await queue.send(
          { link: id, attempt: attempt + 1 },
          { delaySeconds: Math.min(600, 5 * 2 ** attempt) },
        );
    },
  };
}

function toLink({ key: _, claimedTenantId: __, status, ...link }: LinkRecord, now: number): ConsentLink {
  return { ...link, status: status === 'open' && link.expiresAt <= now ? 'expired' : status };
}

function spent(): AppError {
  return new AppError('gone', 'This link has been used or has expired. Ask for a new one.');
}

function unknown(): AppError {
  return new AppError('not_found', 'There is no such link.');
}
