import { isAppError } from '../../errors.ts';
import type { Ports } from '../../ports.ts';
import type { Leases } from '../../storage/leases.ts';
import type { Connections } from '../connections.ts';
import type { Channel } from './channels.ts';
import type { Notice } from './notice.ts';
import type { OpenNotice, Outbox } from './outbox.ts';

/**
 * Tells what is due by every channel that has not taken it. A notice leaves the outbox when all have: killed at any moment, nothing is
 * lost, and what may then be sent twice has the same id. What fails is tried again after 1, 2, 4 … minutes, for three days.
 */
export type SendNotices = () => Promise<void>;

const minute = 60_000;
const day = 24 * 60 * minute;
const longestWait = 6 * 60 * minute;
const giveUpAfter = 3 * day;
/** How long what was given up is shown. */
const shownFor = 30 * day;
const leaseSeconds = 180;
const workForMs = minute;
/** A receiver that is down is not asked by each of many notices. */
const mostFailuresInARow = 3;

export function createSendNotices(deps: {
  readonly outbox: Outbox;
  readonly channels: readonly Channel[];
  readonly connections: Pick<Connections, 'get'>;
  readonly leases: Leases;
  readonly ports: Pick<Ports, 'clock' | 'log'>;
}): SendNotices {
  const { outbox, channels, leases, ports } = deps;
  const { clock, log } = ports;

  async function work(): Promise<void> {
    const began = performance.now();
    const failed = new Map<Channel, number>();
    for (const open of await outbox.open()) {
      if (performance.now() - began > workForMs) return;
      const { notice } = open;
      if (notice.connection && !(await deps.connections.get(notice.connection.id))) {
        // Removed or erased since: nobody has to act, and nothing of it stays.
        await outbox.remove(open);
      } else if (notice.givenUp) {
        if (clock() - notice.givenUp.at > shownFor) await outbox.remove(open);
      } else if (notice.nextAt <= clock()) {
        await tell(open, failed);
      }
    }
  }

  async function tell(first: OpenNotice, failed: Map<Channel, number>): Promise<void> {
    let open = first;
    let problem: unknown;
    let left = false;
    for (const channel of channels) {
      if (open.notice.done.includes(channel.name)) continue;
      if ((failed.get(channel) ?? 0) >= mostFailuresInARow) {
        left = true;
        continue;
      }
      try {
        await channel.send(open.notice);
        failed.set(channel, 0);
        log.info('notice_sent', { notice: open.notice.id, kind: open.notice.kind, channel: channel.name });
      } catch (error) {
        problem = error;
        failed.set(channel, (failed.get(channel) ?? 0) + 1);
        log.warn('notice_not_sent', {
          notice: open.notice.id,
          channel: channel.name,
          code: isAppError(error) ? error.code : 'internal_error',
          detail: isAppError(error) ? (error.detail ?? error.message) : undefined,
        });
        continue;
      }
      // Noted at once: what one channel has taken is not sent again because another fails.
      const kept = await outbox.keep(open, { ...open.notice, done: [...open.notice.done, channel.name] });
      if (!kept) return;
      open = kept;
    }
    if (problem !== undefined) await outbox.keep(open, later(open.notice, problem));
    else if (!left) await outbox.remove(open);
  }

  function later(notice: Notice, problem: unknown): Notice {
    const failures = notice.failures + 1;
    const wait = Math.min(longestWait, minute * 2 ** Math.min(20, notice.failures));
    const next = { ...notice, failures, nextAt: clock() + wait };
    if (clock() - notice.at < giveUpAfter) return next;
    const message = isAppError(problem) ? problem.message : 'Something went wrong here.';
    log.error('notice_given_up', { notice: notice.id, kind: notice.kind });
    return { ...next, givenUp: { at: clock(), message } };
  }

  return async () => {
    const lease = await leases.take('notices', leaseSeconds);
    if (!lease) return;
    try {
      await work();
    } finally {
      await lease.release();
    }
  };
}
