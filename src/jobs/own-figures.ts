import type { Graph } from '../graph/client.ts';
import type { OwnFigures } from '../reports/gather/gathering.ts';
import type { Rules } from '../rules/rules.ts';

const weekMs = 7 * 24 * 60 * 60_000;
/** Of one rule; beyond that the report says so many. */
const mostOperations = 1000;
/** Microsoft tells within minutes: a change that was found so much later by ourselves was not told of. */
const tapLateMs = 60 * 60_000;

/** What the installation says of itself: its subscriptions, its rules, and what it spent of the tenant's budget. */
export function createOwnFigures(deps: {
  readonly rules: Pick<Rules, 'list' | 'operations' | 'subscriptions' | 'watches'>;
  readonly spending: Graph['spending'];
  readonly clock: () => number;
}): OwnFigures {
  const { rules, spending, clock } = deps;

  return {
    async subscriptions() {
      const watches = new Map((await rules.watches()).map((watch) => [watch.driveId, watch]));
      return (await rules.subscriptions()).map(({ driveId, id, state, expiresAt, problem }) => {
        const watch = watches.get(driveId);
        const { changedAt, tappedAt = 0, readAt } = watch ?? {};
        const missed = state === 'active' && changedAt !== undefined && changedAt - tappedAt > tapLateMs;
        return {
          subscriptionId: id ?? driveId,
          driveId,
          state: problem && state !== 'polling' ? 'failed' : state,
          expiresAt: expiresAt ?? null,
          lastTapAt: tappedAt || null,
          lastReadAt: readAt ?? null,
          missedTaps: missed ? 1 : 0,
        };
      });
    },

    async rules() {
      const since = clock() - weekMs;
      const found = [];
      for (const { definition, held } of await rules.list()) {
        const { name, enabled } = definition;
        const newest = await rules.operations({ rule: name, limit: mostOperations });
        const recent = newest.filter(({ updatedAt }) => updatedAt >= since);
        found.push({
          name,
          state: held ? 'held' : enabled ? 'on' : 'off',
          lastRunAt: newest[0]?.updatedAt ?? null,
          operations: recent.length,
          failures: recent.filter(({ state }) => state === 'failed').length,
        });
      }
      return found;
    },

    async budgets(tenantId) {
      return (await spending(tenantId)).map(({ units, unitsAllowed, throttled, pausedUntil }) => ({
        tenantId,
        unitsUsed: units,
        unitsAllowed,
        throttled,
        pausedUntil: pausedUntil ?? null,
      }));
    },
  };
}
