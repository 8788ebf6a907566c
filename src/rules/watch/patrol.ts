import { isAppError } from '../../errors.ts';
import type { Ports } from '../../ports.ts';
import type { Queue } from '../../storage/queue.ts';
import type { Journal } from '../journal/journal.ts';
import type { OperationMessage } from '../operate/operation-message.ts';
import { isActive, type StoredRule } from '../rule.ts';
import type { RuleStore } from '../rule-store.ts';
import type { DrainMessage } from './drain-message.ts';
import type { Kept } from './keep-subscription.ts';
import type { Subscription, SubscriptionStore } from './subscription-store.ts';
import type { WatchKey, WatchStore } from './watch-store.ts';

export interface PatrolDeps {
  readonly rules: RuleStore;
  readonly watches: WatchStore;
  readonly subscriptions: SubscriptionStore;
  readonly journal: Journal;
  readonly drains: Queue<DrainMessage>;
  readonly operations: Queue<OperationMessage>;
  readonly keepSubscription: (driveId: string) => Promise<Kept>;
  readonly arm: (key: WatchKey) => Promise<void>;
  readonly ports: Ports;
}

const minute = 60_000;
/** Microsoft sends no word when it drops a notification about a drive, so the feed is read this often all the same. */
const quietLimitMs = 60 * minute;
/** Where nobody tells us anything, each round of the timer reads; a little less, because timers are not exact. */
const pollingLimitMs = 14 * minute;
const staleOperationMs = 10 * minute;

/**
 * The safety net: subscriptions are made and renewed, drives that were silent for long are read, and operations whose message
 * got lost are sent again. One drive's trouble doesn't keep the others waiting.
 */
export function createPatrol(deps: PatrolDeps): () => Promise<void> {
  const { rules, watches, subscriptions, journal, drains, operations, ports } = deps;

  return async () => {
    const active = (await rules.list()).filter(isActive);
    const known = await subscriptions.list();
    const drives = new Set([...active, ...known].map(({ driveId }) => driveId));
    for (const driveId of drives) {
      await guarded(driveId, async () => {
        const kept = await deps.keepSubscription(driveId);
        const subscription = await subscriptions.of(driveId);
        const mine = active.filter((rule) => rule.driveId === driveId);
        await lookAfter(mine, subscription, kept === 'fresh');
      });
    }
    for await (const { id } of journal.stale(staleOperationMs)) await operations.send({ id });
  };

  async function lookAfter(active: StoredRule[], subscription: Subscription | undefined, fresh: boolean) {
    const keys = new Map(active.map((rule) => [rule.definition.connection, rule.driveId]));
    for (const [connection, driveId] of keys) {
      await deps.arm({ driveId, connection });
      const watch = await watches.get({ driveId, connection });
      if (!watch) continue;
      const limit = subscription?.state === 'active' ? quietLimitMs : pollingLimitMs;
      const due = fresh || watch.value.problem || ports.clock() - watch.value.readAt >= limit;
      if (due) await drains.send({ kind: 'drain', driveId, connection });
    }
  }

  async function guarded(driveId: string, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (!isAppError(error) || error.code === 'storage_unavailable') throw error;
      ports.log.warn('patrol_failed', { driveId, code: error.code, detail: error.detail });
    }
  }
}
