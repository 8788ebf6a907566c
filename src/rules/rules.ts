import { AppError } from '../errors.ts';
import { findDrive } from '../graph/drives.ts';
import type { GraphFor } from '../graph/graph-client.ts';
import type { Ports } from '../ports.ts';
import type { Storage } from '../storage/storage.ts';
import { createRuleMemory } from './guards/memory.ts';
import { checkForLoops } from './guards/static-check.ts';
import { createJournal, type OperationFilter } from './journal/journal.ts';
import type { Operation } from './journal/operation.ts';
import { createOperate } from './operate/operate.ts';
import { operationMessage } from './operate/operation-message.ts';
import { createUndo } from './operate/undo.ts';
import { createPreview, type Preview } from './preview/preview.ts';
import { createReplay, type Replayed } from './preview/replay.ts';
import type { RuleDefinition, StoredRule } from './rule.ts';
import { createRuleStore } from './rule-store.ts';
import { operationInWords, type RuleInWords, ruleInWords, watchingOf } from './views.ts';
import { latestLink } from './watch/arm.ts';
import { createDrain } from './watch/drain.ts';
import { drainMessage } from './watch/drain-message.ts';
import { createKeepSubscription } from './watch/keep-subscription.ts';
import { createPatrol } from './watch/patrol.ts';
import { createSubscriptionStore, type Subscription } from './watch/subscription-store.ts';
import { createTakeMessage } from './watch/take-message.ts';
import { createTakeTap } from './watch/take-tap.ts';
import { createWatchStore, type Watch, type WatchKey, watchName } from './watch/watch-store.ts';

export interface RulesDeps {
  readonly storage: Pick<Storage, 'table' | 'queue' | 'leases'>;
  readonly graphFor: GraphFor;
  readonly ports: Ports;
  readonly config: { readonly notificationUrl: string; readonly entra: { readonly clientId: string } };
}

export interface Rules {
  get(name: string): Promise<StoredRule | undefined>;
  list(): Promise<StoredRule[]>;
  /**
   * Makes or replaces a rule; from then on changes in its drive count. Throws `invalid_request` for one that would run after
   * itself, and what Graph says when the connection can't read the drive.
   */
  put(definition: RuleDefinition, by: string): Promise<{ rule: StoredRule; created: boolean }>;
  /** False when there was none. */
  remove(name: string): Promise<boolean>;
  /** Subscriptions, drives that were silent for long, and operations that got lost: to be called every 15 minutes. */
  ensureSubscriptions(): Promise<void>;
  /** A message of the queue `drains`. */
  drain(message: unknown): Promise<void>;
  /** A message of the queue `operations`. */
  operate(message: unknown): Promise<void>;
  /** What a rule would do with the files that lie in its folder now; nothing is changed. */
  preview(definition: RuleDefinition, limit: number): Promise<Preview>;
  /** Lets the rule meet the files of its folder that came or changed since a time (milliseconds since 1970). */
  replay(name: string, since: number): Promise<Replayed>;
  /** Takes back what an operation did. Throws `not_found`, and `conflict` with what is in the way. */
  undo(id: string, by: string): Promise<Operation>;
  /** Newest first. */
  operations(filter?: OperationFilter): Promise<Operation[]>;
  operation(id: string): Promise<Operation | undefined>;
  subscriptions(): Promise<Subscription[]>;
  /** Each rule in words, with how it watches and what it did last: what the console shows. */
  views(): Promise<RuleInWords[]>;
  /** How far the feeds of drives were read for the rules. */
  watches(): Promise<Watch[]>;
}

/** Rules on changed files: what is kept about them, and the work that messages and the timer ask for. */
export function createRules({ storage, graphFor, ports, config }: RulesDeps): Rules {
  const rules = createRuleStore(storage, ports.clock);
  const watches = createWatchStore(storage);
  const subscriptions = createSubscriptionStore(storage);
  const journal = createJournal(storage, ports.clock);
  const memory = createRuleMemory(storage, ports.clock);
  const drains = storage.queue('drains', drainMessage);
  const operations = storage.queue('operations', operationMessage);
  const shared = { rules, watches, subscriptions, journal, memory, drains, operations, graphFor, ports };
  const { leases } = storage;

  const drain = createDrain({ ...shared, leases, appId: config.entra.clientId });
  const operate = createOperate({ ...shared, queue: operations });
  const { notificationUrl } = config;
  const keepSubscription = createKeepSubscription({ ...shared, leases, notificationUrl });
  const takeTap = createTakeTap({ ...shared, drain });
  const takeMessage = createTakeMessage({ ...shared, drain, takeTap, keepSubscription });
  const patrol = createPatrol({ ...shared, keepSubscription, arm });

  /** Remembers where the drive's feed is now, unless it is followed already. */
  async function arm({ driveId, connection }: WatchKey): Promise<void> {
    if (await watches.get({ driveId, connection })) return;
    const now = ports.clock();
    const link = await latestLink(await graphFor(connection, 'rules'), driveId);
    await watches.insert({ driveId, connection, link, asOf: now, readAt: now });
  }

  async function operationsOf(filter?: OperationFilter): Promise<Operation[]> {
    const found: Operation[] = [];
    for await (const one of journal.list(filter)) found.push(one);
    return found;
  }

  return {
    get: rules.get,
    list: rules.list,

    async put(definition, by) {
      const problems = checkForLoops(definition);
      if (problems[0]) {
        const { path, message } = problems[0];
        throw new AppError('invalid_request', `The rule is not as expected at ${path}: ${message}.`, {
          details: { problems },
        });
      }
      const { connection, target, name } = definition;
      const before = await rules.get(name);
      const drive = await findDrive(await graphFor(connection, 'interactive'), target);
      const key = { driveId: drive.id, connection };
      await arm(key);
      const saved = await rules.put(definition, drive, by);
      // A drain that met no rule yet may have ended it again.
      await arm(key);
      await drains.send({ kind: 'subscribe', driveId: drive.id });
      if (before && before.driveId !== drive.id) {
        await drains.send({ kind: 'subscribe', driveId: before.driveId });
      }
      return saved;
    },

    async remove(name) {
      const known = await rules.get(name);
      const removed = await rules.remove(name);
      if (known) await drains.send({ kind: 'subscribe', driveId: known.driveId });
      return removed;
    },

    ensureSubscriptions: patrol,
    drain: (message) => takeMessage(drains.parse(message)),
    operate: (message) => operate(operations.parse(message)),

    preview: createPreview({ graphFor }),
    replay: createReplay(shared),
    undo: createUndo(shared),
    operations: operationsOf,
    operation: async (id) => (await journal.get(id))?.operation,
    subscriptions: subscriptions.list,
    watches: () => watches.list(),

    async views() {
      const [known, seen] = await Promise.all([subscriptions.list(), watches.list()]);
      const subscriptionOf = new Map(known.map((one) => [one.driveId, one]));
      const watchOf = new Map(seen.map((one) => [watchName(one), one]));
      return Promise.all(
        (await rules.list()).map(async (rule) => ({
          ...ruleInWords(rule, watchOf.get(watchName({ ...rule.definition, driveId: rule.driveId }))),
          watching: watchingOf(subscriptionOf.get(rule.driveId)),
          operations: (await operationsOf({ rule: rule.definition.name, limit: 5 })).map(operationInWords),
        })),
      );
    },
  };
}
