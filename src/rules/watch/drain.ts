import { isAppError } from '../../errors.ts';
import { readDeltaPage } from '../../graph/delta.ts';
import { type DriveItem, driveItem } from '../../graph/drive-item.ts';
import type { GraphClient, GraphFor } from '../../graph/graph-client.ts';
import type { Ports } from '../../ports.ts';
import { heldLeaseSeconds, holdLease } from '../../storage/hold-lease.ts';
import type { Leases } from '../../storage/leases.ts';
import type { Queue } from '../../storage/queue.ts';
import type { Row } from '../../storage/table.ts';
import { createFolderFinder } from '../folder-finder.ts';
import { bulkProblem } from '../guards/bulk.ts';
import type { RuleMemory } from '../guards/memory.ts';
import { type FileFacts, toFileFacts } from '../item-facts.ts';
import type { Journal } from '../journal/journal.ts';
import type { OperationMessage } from '../operate/operation-message.ts';
import type { StoredRule } from '../rule.ts';
import type { RuleStore } from '../rule-store.ts';
import { latestLink } from './arm.ts';
import type { DrainMessage, DrainOrder } from './drain-message.ts';
import { findMatches, type Match } from './find-matches.ts';
import { planOperations } from './plan-operations.ts';
import { type Watch, type WatchStore, watchName } from './watch-store.ts';

export interface DrainDeps {
  readonly rules: RuleStore;
  readonly watches: WatchStore;
  readonly journal: Journal;
  readonly memory: RuleMemory;
  readonly drains: Queue<DrainMessage>;
  readonly operations: Queue<OperationMessage>;
  readonly graphFor: GraphFor;
  readonly leases: Pick<Leases, 'take'>;
  readonly ports: Ports;
  readonly appId: string;
}

/** One message reads for so long, or until so many files changed, and leaves the rest to the next one. */
const readingMs = 60_000;
const mostItems = 20_000;
/** Seconds after which a drain that was told of a change and found none looks again: the feed may lag behind. */
const rechecks = [5, 30, 120];

/**
 * Reads what changed in a drive and turns it into operations, one process at a time for each drive and connection. The place
 * in the feed is saved after the operations were written down and sent, so a kill at any point repeats work that does nothing
 * the second time. Returns the operations that it sent on their way.
 */
export function createDrain(deps: DrainDeps): (order: DrainOrder) => Promise<string[]> {
  const { rules, watches, drains, leases, ports } = deps;

  return async (order) => {
    const lease = await leases.take(`drain-${watchName(order)}`, heldLeaseSeconds);
    if (!lease) {
      // Whoever reads now may have passed the place already.
      await drains.send({ ...order, recheck: undefined }, { delaySeconds: 2 });
      return [];
    }
    return holdLease(lease, async (isHeld) => {
      const row = await watches.get(order);
      if (!row) return [];
      const active = await rules.active(order.driveId, order.connection);
      if (active.length === 0) {
        await watches.remove(order);
        return [];
      }
      return await readOn(order, row, active, isHeld);
    });
  };

  async function readOn(order: DrainOrder, row: Row<Watch>, active: StoredRule[], isHeld: () => boolean) {
    const startedAt = ports.clock();
    try {
      const client = await deps.graphFor(order.connection, 'rules');
      const read = await readChanges(client, row.value.link, isHeld);
      if (!read) return [];
      const sent = await work(client, row.value, active, read.files);
      await save(order, row, read, startedAt, sent.met);
      await lookAgain(order, read);
      return sent.ids;
    } catch (error) {
      await onFailure(order, row, error);
      return [];
    }
  }

  async function readChanges(client: GraphClient, from: string, isHeld: () => boolean) {
    const end = ports.clock() + readingMs;
    const changed = new Map<string, DriveItem>();
    for (let link = from; ; ) {
      const page = await readDeltaPage(client, link);
      // An id may come again, and the last one counts.
      for (const item of page.items) changed.set(item.id, item);
      link = page.deltaLink ?? page.nextLink ?? link;
      const complete = page.nextLink === undefined;
      if (!isHeld()) return undefined;
      if (!complete && ports.clock() < end && changed.size < mostItems) continue;
      const files: FileFacts[] = [];
      for (const item of changed.values()) {
        const file = toFileFacts(item);
        if (file) files.push(file);
      }
      return { link, complete, files, changes: changed.size };
    }
  }

  async function work(client: GraphClient, watch: Watch, active: StoredRule[], files: FileFacts[]) {
    const finder = createFolderFinder(client, watch.driveId);
    const time = { asOf: watch.asOf, now: ports.clock() };
    const found = await findMatches({ ...deps, finder }, active, files, time);
    const met: Record<string, number> = { ...watch.met };
    const wanted: Match[] = [];
    for (const [rule, matches] of Map.groupBy(found, (match) => match.rule)) {
      const { name } = rule.definition;
      const items = matches.map(({ item }) => item);
      const problem = await bulkProblem(rule, items, met[name] ?? 0, (id) => sizeOf(client, watch, id));
      met[name] = (met[name] ?? 0) + matches.length;
      if (problem) {
        await rules.hold(rule, problem);
        ports.log.warn('rule_held', { rule: name, code: problem.code, files: matches.length });
      } else {
        wanted.push(...matches);
      }
    }
    return { ids: await planOperations(deps, wanted), met };
  }

  async function save(
    order: DrainOrder,
    row: Row<Watch>,
    read: { link: string; complete: boolean; changes: number },
    startedAt: number,
    met: Record<string, number>,
  ) {
    const { problem: _problem, readingSince, met: _met, ...rest } = row.value;
    const now = ports.clock();
    const next: Watch = {
      ...rest,
      link: read.link,
      ...(read.changes > 0 ? { changedAt: now } : {}),
      ...(order.tapped ? { tappedAt: startedAt } : {}),
      ...(read.complete
        ? { asOf: readingSince ?? startedAt, readAt: now }
        : { readingSince: readingSince ?? startedAt, met }),
    };
    await watches.save(row, next);
    if (!read.complete) await drains.send({ ...order, recheck: undefined });
  }

  async function lookAgain(order: DrainOrder, read: { complete: boolean; changes: number }) {
    const delaySeconds = rechecks[order.recheck ?? 0];
    if (!order.tapped || read.changes > 0 || !read.complete || delaySeconds === undefined) return;
    await drains.send({ ...order, recheck: (order.recheck ?? 0) + 1 }, { delaySeconds });
  }

  async function onFailure(order: DrainOrder, row: Row<Watch>, error: unknown): Promise<void> {
    // Another process has the drive now; it reads on from its own place.
    if (isAppError(error, 'precondition_failed')) return;
    if (!isAppError(error) || error.code === 'storage_unavailable') throw error;
    const { driveId } = order;
    ports.log.warn('drain_failed', { driveId, code: error.code, detail: error.detail });
    if (error.code === 'resync_required') {
      await resync(order, row);
      return;
    }
    const { code, message } = error;
    await watches.save(row, { ...row.value, problem: { code, message, at: ports.clock() } });
    // What only a person can mend is tried again by the timer.
    if (error.retryable) await drains.send(order, { delaySeconds: Math.max(5, error.retryAfter ?? 30) });
  }

  /**
   * Graph has lost the place. Reading the whole drive again would make everything look new, so the rules stay mute for what
   * they missed, and go on from now.
   */
  async function resync(order: DrainOrder, row: Row<Watch>): Promise<void> {
    const now = ports.clock();
    const link = await latestLink(await deps.graphFor(order.connection, 'rules'), order.driveId);
    const { readingSince: _since, met: _met, problem: _problem, ...rest } = row.value;
    await watches.save(row, { ...rest, link, asOf: now, readAt: now, resyncedAt: now });
  }
}

async function sizeOf(
  client: GraphClient,
  { driveId }: Watch,
  folderId: string,
): Promise<number | undefined> {
  const { body } = await client.call({
    path: `/drives/${encodeURIComponent(driveId)}/items/${encodeURIComponent(folderId)}?$select=id,folder`,
    schema: driveItem,
  });
  return body.folder?.childCount ?? undefined;
}
