import { createHash } from 'node:crypto';
import { AppError, isAppError } from '../../errors.ts';
import type { GraphClient, GraphFor } from '../../graph/graph-client.ts';
import {
  createSubscription,
  type GraphSubscription,
  readSubscription,
  removeSubscription,
  renewSubscription,
  subscriptionLifeMs,
  takenBy,
} from '../../graph/subscriptions.ts';
import type { Ports } from '../../ports.ts';
import type { Leases } from '../../storage/leases.ts';
import { digest } from '../journal/operation.ts';
import type { RuleStore } from '../rule-store.ts';
import type { Subscription, SubscriptionStore } from './subscription-store.ts';

export interface KeepSubscriptionDeps {
  readonly rules: RuleStore;
  readonly subscriptions: SubscriptionStore;
  readonly graphFor: GraphFor;
  readonly leases: Pick<Leases, 'take'>;
  readonly ports: Ports;
  /** https origin at which Microsoft reaches this app. */
  readonly notificationUrl: string;
}

/** Graph tells nobody that a drive's subscription is gone, so it is renewed, and thereby asked for, this often. */
const checkEveryMs = 6 * 60 * 60_000;

export type Kept = 'fresh' | 'kept' | 'none' | 'busy';

/**
 * Brings the subscription to a drive into the state that the rules want: made when it is missing, renewed, made again when
 * Graph lost it, taken over when Graph has one that we forgot, ended when no rule needs it. `fresh`: it is new, so the feed
 * has to be read once for what came before it. What Graph refuses is written down and no error: the drive is polled then.
 */
export function createKeepSubscription(
  deps: KeepSubscriptionDeps,
): (driveId: string, options?: { force?: boolean }) => Promise<Kept> {
  const { rules, subscriptions, leases, ports } = deps;

  return async (driveId, { force = false } = {}) => {
    const lease = await leases.take(`subscription-${digest([driveId])}`, 90);
    if (!lease) return 'busy';
    try {
      const known = await subscriptions.of(driveId);
      const wanting = new Set((await rules.active(driveId)).map(({ definition }) => definition.connection));
      if (wanting.size === 0) {
        if (known) await end(known);
        return 'none';
      }
      // Who made it can renew it; the others are asked when that one can no longer.
      const order = [...wanting].sort(
        (a, b) => Number(b === known?.connection) - Number(a === known?.connection),
      );
      return await keep(driveId, order, known, force);
    } finally {
      await lease.release();
    }
  };

  async function keep(driveId: string, order: string[], known: Subscription | undefined, force: boolean) {
    const now = ports.clock();
    const moved = known !== undefined && known.notificationUrl !== deps.notificationUrl;
    const due =
      now - (known?.checkedAt ?? 0) >= checkEveryMs || (known?.expiresAt ?? 0) - now < subscriptionLifeMs / 2;
    if (known?.state === 'active' && !moved && !due && !force) return 'kept' as const;

    let refused: unknown;
    for (const connection of order) {
      try {
        const client = await deps.graphFor(connection, 'rules');
        const kept = known?.id !== undefined && (await renew(client, known, known.id, moved));
        if (kept) return 'kept' as const;
        await make(client, driveId, connection, known);
        return 'fresh' as const;
      } catch (error) {
        if (isAppError(error, 'storage_unavailable')) throw error;
        refused = error;
      }
    }
    await poll(driveId, order[0] ?? '', refused);
    return 'none' as const;
  }

  /** False when a new one has to be made. */
  async function renew(client: GraphClient, known: Subscription, id: string, moved: boolean) {
    if (moved) {
      // The address for lifecycle events can't be changed.
      await removeSubscription(client, id);
      return false;
    }
    try {
      const { expiresAt } = await renewSubscription(client, id, ports.clock() + subscriptionLifeMs);
      const { problem: _solved, ...rest } = known;
      await subscriptions.save({ ...rest, state: 'active', expiresAt, checkedAt: ports.clock() });
      return true;
    } catch (error) {
      if (!isAppError(error, 'not_found')) throw error;
      ports.log.warn('subscription_lost', { driveId: known.driveId, subscriptionId: id });
      return false;
    }
  }

  async function make(client: GraphClient, driveId: string, connection: string, known?: Subscription) {
    const clientState = ports.random(32).toString('base64url');
    const proof = sha256(clientState);
    // Written before it is made: should this process die in between, the next one knows what it finds.
    const creating: Subscription = {
      driveId,
      connection,
      state: 'creating',
      proofs: [proof, ...(known && known.state !== 'active' ? known.proofs : [])].slice(0, 3),
      notificationUrl: deps.notificationUrl,
      createdAt: ports.clock(),
    };
    await subscriptions.save(creating);
    const wanted = {
      driveId,
      notificationUrl: `${deps.notificationUrl}/notifications`,
      lifecycleNotificationUrl: `${deps.notificationUrl}/notifications/lifecycle`,
      clientState,
      expiresAt: ports.clock() + subscriptionLifeMs,
    };
    try {
      await activate(creating, await createSubscription(client, wanted), [proof]);
    } catch (error) {
      const id = takenBy(error);
      if (id === undefined) throw error;
      if (await adopt(client, creating, id, wanted.notificationUrl)) return;
      // Nobody knows its secret any more, or it tells another address.
      await removeSubscription(client, id);
      await activate(creating, await createSubscription(client, wanted), [proof]);
    }
  }

  /** Goes on with one that Graph has and a process made that died, where it can be told that it is ours. */
  async function adopt(client: GraphClient, creating: Subscription, id: string, notificationUrl: string) {
    const found = await readSubscription(client, id);
    const proof = found.clientState === undefined ? undefined : sha256(found.clientState);
    if (proof === undefined || !creating.proofs.includes(proof)) return false;
    if (found.notificationUrl !== notificationUrl) return false;
    const renewed = await renewSubscription(client, id, ports.clock() + subscriptionLifeMs);
    await activate(creating, renewed, [proof]);
    ports.log.info('subscription_adopted', { driveId: creating.driveId, subscriptionId: id });
    return true;
  }

  async function activate(creating: Subscription, made: GraphSubscription, proofs: string[]) {
    const { id, expiresAt } = made;
    await subscriptions.save({
      ...creating,
      state: 'active',
      id,
      proofs,
      expiresAt,
      checkedAt: ports.clock(),
    });
  }

  async function poll(driveId: string, connection: string, refused: unknown) {
    const at = ports.clock();
    const problem = problemOf(refused);
    const known = await subscriptions.of(driveId);
    ports.log.warn('subscription_refused', {
      driveId,
      code: problem.code,
      detail: isAppError(refused) ? refused.detail : undefined,
      errorType: refused instanceof Error ? refused.name : typeof refused,
    });
    await subscriptions.save({
      driveId,
      connection,
      state: 'polling',
      // What was asked for may have been made all the same.
      proofs: known?.proofs ?? [],
      ...(known?.id === undefined ? {} : { id: known.id }),
      notificationUrl: deps.notificationUrl,
      problem: { ...problem, at },
      createdAt: known?.createdAt ?? at,
    });
  }

  async function end(known: Subscription) {
    try {
      if (known.id !== undefined) {
        await removeSubscription(await deps.graphFor(known.connection, 'rules'), known.id);
      }
    } catch (error) {
      // Without its connection nobody can end it; it runs out by itself, and what it still tells is dropped.
      if (!(error instanceof AppError)) throw error;
      ports.log.warn('subscription_not_ended', { driveId: known.driveId, code: error.code });
    }
    await subscriptions.remove(known.driveId);
  }
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function problemOf(error: unknown): { code: string; message: string } {
  if (!isAppError(error)) return { code: 'internal_error', message: 'Something went wrong here.' };
  if (error.details?.graphCode === 'ValidationError' || /validation/i.test(error.detail ?? '')) {
    return {
      code: 'notification_url_unreachable',
      message: 'Microsoft Graph could not reach this app to prove its address. Check the notification URL.',
    };
  }
  if (error.code === 'forbidden') {
    return {
      code: error.code,
      message:
        'Microsoft Graph refuses a subscription: a permission is missing, or the drive has as many as it may have.',
    };
  }
  return { code: error.code, message: error.message };
}
