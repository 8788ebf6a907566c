import * as z from 'zod';
import type { Exchange, Reply, Route } from '../../http/route.ts';
import { HttpFault } from '../../http/route.ts';
import type { Drive } from '../drives/drive.ts';
import { changed, type Editor, newItem } from '../drives/edit-item.ts';
import type { ItemRecord } from '../drives/item-record.ts';
import { childrenOf, removeItem } from '../drives/remove-item.ts';
import type { GraphContext } from '../graph-context.ts';
import { type Notifier, notificationFaults } from '../subscriptions/notifier.ts';
import { subscriptionJson } from '../subscriptions/subscription.ts';
import type { SubscriptionStore } from '../subscriptions/subscription-store.ts';
import { switchesSchema } from '../switches.ts';

const count = z.int().min(0).max(100_000).default(0);
const changes = z.strictObject({ create: count, rename: count, delete: count, share: count });
const mood = z
  .strictObject({
    quota: z.number().nonnegative(),
    visibilityDelayMs: z.number().nonnegative(),
    /** Every delta link given so far answers 410. */
    expireCursors: z.boolean(),
    goneInner: z.string(),
    emptyPages: z.int().nonnegative(),
    repeatPages: z.int().nonnegative(),
  })
  .partial();

/** Control over drives, notifications and the budget. */
export function graphControlRoutes(
  context: GraphContext,
  store: SubscriptionStore,
  notifier: Notifier,
): Route[] {
  const route = (
    method: string,
    path: string,
    summary: string,
    handle: (exchange: Exchange) => Reply,
  ): Route => ({
    listener: 'control',
    method,
    path,
    summary,
    contract: '-',
    handle,
  });
  const driveOf = (exchange: Exchange): Drive => {
    const drive = context.drives.byId(exchange.params.drive ?? '');
    if (drive) return drive;
    throw new HttpFault(404, 'notFound', 'There is no such drive.');
  };

  return [
    route(
      'POST',
      '/control/drives/:drive/changes',
      'Creates, renames, deletes, shares N items',
      (exchange) => {
        const drive = driveOf(exchange);
        const wanted = parse(changes, exchange.json());
        return { status: 200, body: makeChanges(context, drive, wanted) };
      },
    ),
    route(
      'PATCH',
      '/control/drives/:drive',
      'Quota, delayed visibility, and what the next delta answers do',
      (exchange) => {
        const drive = driveOf(exchange);
        const wanted = parse(mood, exchange.json());
        drive.mood.quota = wanted.quota ?? drive.mood.quota;
        drive.mood.visibilityDelayMs = wanted.visibilityDelayMs ?? drive.mood.visibilityDelayMs;
        const { delta } = drive.mood;
        if (wanted.expireCursors) delta.expiredBefore = context.clock() + 1;
        if (wanted.goneInner !== undefined) delta.goneInner = wanted.goneInner;
        delta.emptyPages = wanted.emptyPages ?? delta.emptyPages;
        delta.repeatPages = wanted.repeatPages ?? delta.repeatPages;
        return { status: 200, body: drive.mood };
      },
    ),
    route(
      'POST',
      '/control/drives/:drive/items/:item/lock',
      'Locks a file for some seconds (423)',
      (exchange) => {
        const drive = driveOf(exchange);
        const record = drive.items.live(exchange.params.item ?? '');
        if (!record) throw new HttpFault(404, 'notFound', 'There is no such item.');
        const { seconds } = parse(z.strictObject({ seconds: z.number().min(0) }), exchange.json());
        drive.items.put({
          ...record,
          extras: { ...record.extras, lockedUntil: context.clock() + seconds * 1000 },
        });
        return { status: 204 };
      },
    ),
    route(
      'POST',
      '/control/drives/:drive/items/:item/malware',
      'Calls a file malware, whose content is then refused',
      (exchange) => {
        const drive = driveOf(exchange);
        const record = drive.items.live(exchange.params.item ?? '');
        if (!record) throw new HttpFault(404, 'notFound', 'There is no such item.');
        const extras = { ...record.extras, malware: 'Infected' };
        drive.commit({ ...record, revision: record.revision + 1, extras }, context.clock());
        return { status: 204 };
      },
    ),
    route('GET', '/control/graph', 'Switches of Graph', () => ({ status: 200, body: context.switches })),
    route('PATCH', '/control/graph', 'Changes some of those switches', ({ json }) => {
      const next = parse(switchesSchema.partial(), json());
      Object.assign(context.switches, switchesSchema.parse({ ...context.switches, ...next }));
      return { status: 200, body: context.switches };
    }),
    route('GET', '/control/ledger', 'Resource units, calls and refusals by app and tenant', () => ({
      status: 200,
      body: { value: context.budget.accounts() },
    })),
    route('PUT', '/control/ledger', 'Sets the units of a minute, or takes the limit away', ({ json }) => {
      const { perMinute } = parse(z.strictObject({ perMinute: z.number().positive().nullable() }), json());
      context.budget.limit(perMinute ?? undefined);
      context.budget.clear();
      return { status: 204 };
    }),
    route('GET', '/control/subscriptions', 'Every live subscription', () => ({
      status: 200,
      body: { value: store.all().map((one) => subscriptionJson(one, false)) },
    })),
    route(
      'DELETE',
      '/control/subscriptions',
      'Loses every subscription, as the service does now and then',
      () => {
        for (const one of store.all()) store.remove(one.id);
        return { status: 204 };
      },
    ),
    route(
      'POST',
      '/control/subscriptions/:subscription/challenge',
      'Asks for reauthorization',
      (exchange) => {
        const one = store.find(exchange.params.subscription ?? '');
        if (!one) throw new HttpFault(404, 'notFound', 'There is no such subscription.');
        const { pause } = parse(z.strictObject({ pause: z.boolean().default(false) }), exchange.json());
        notifier.challenge(one, pause);
        return { status: 204 };
      },
    ),
    route('GET', '/control/notifications', 'Those faults, and how subscribers’ hosts are judged', () => ({
      status: 200,
      body: { faults: notifier.faults, endpoints: notifier.health.all() },
    })),
    route('PUT', '/control/notifications', 'Loses, repeats, delays or reorders notifications', ({ json }) => {
      notifier.faults = parse(notificationFaults, json());
      return { status: 200, body: notifier.faults };
    }),
  ];
}

function makeChanges(context: GraphContext, drive: Drive, wanted: z.output<typeof changes>) {
  const now = Math.floor(context.clock() / 1000) * 1000;
  const author = context.directory.data.users.find((user) => user.tenantId === drive.tenantId);
  const editor: Editor = {
    actor: author ? { userId: author.id } : {},
    now,
    newGuid: context.newGuid,
    hashAllowed: true,
  };
  const made: string[] = [];
  for (let index = 0; index < wanted.create; index += 1) {
    const stamp = Math.floor(Math.random() * 0xffffffff);
    const content = { type: 'text', stamp } as const;
    const name = `Change ${context.newGuid().slice(0, 8)}.txt`;
    const record = newItem(drive, drive.root(), name, editor, { content, size: 1024 + index });
    drive.commit(record, context.clock());
    made.push(record.id);
  }
  const files = someFiles(drive, wanted.rename + wanted.delete + wanted.share, new Set(made));
  const take = (howMany: number) => files.splice(0, howMany);
  const renamed = take(wanted.rename).map((record) => {
    drive.commit(changed(record, editor, { name: `Renamed ${record.name}` }), context.clock());
    return record.id;
  });
  const deleted = take(wanted.delete).map((record) => {
    removeItem(drive, record, context.clock(), false);
    return record.id;
  });
  const shared = take(wanted.share).map((record) => {
    const webUrl = `${drive.webUrl}/shared/${record.guid}`;
    const link = {
      type: 'view',
      scope: 'anonymous',
      webUrl,
      token: record.guid,
      preventsDownload: false,
    } as const;
    const permission = {
      id: context.newGuid(),
      roles: ['read'],
      link,
      granted: now,
      grantedBy: editor.actor,
    };
    const permissions = [...(record.extras?.permissions ?? []), permission];
    drive.commit(
      { ...record, revision: record.revision + 1, extras: { ...record.extras, permissions } },
      context.clock(),
      true,
    );
    return record.id;
  });
  return { created: made, renamed, deleted, shared };
}

/** The first files of a drive that are not among `without`. */
function someFiles(drive: Drive, howMany: number, without: ReadonlySet<string>): ItemRecord[] {
  const found: ItemRecord[] = [];
  const folders = [drive.rootId];
  for (
    let folder = folders.shift();
    folder !== undefined && found.length < howMany;
    folder = folders.shift()
  ) {
    for (const child of childrenOf(drive, folder)) {
      if (child.kind === 'folder') folders.push(child.id);
      else if (!without.has(child.id) && found.length < howMany) found.push(child);
    }
  }
  return found;
}

function parse<T>(schema: z.ZodType<T>, value: unknown): T {
  const read = schema.safeParse(value);
  if (read.success) return read.data;
  throw new HttpFault(400, 'badRequest', z.prettifyError(read.error));
}
