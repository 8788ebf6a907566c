import { createHash } from 'node:crypto';
import { isAppError } from '../errors.ts';
import type { Ports } from '../ports.ts';
import type { Leases } from '../storage/leases.ts';
import type { Connection, Connections } from './connections.ts';
import type { IssuedToken, TokenRequest } from './issued-token.ts';

/**
 * Uses the refresh token of each user connection at least every 7 days, so that none dies of idleness (Microsoft ends them after 90
 * days). What is due follows from the stored `lastTokenAt` alone: killed at any moment, the next call goes on. Connections that need a
 * person are left alone; app-only ones have nothing to keep alive.
 */
export type KeepAlive = () => Promise<void>;

const hour = 3_600_000;
const day = 24 * hour;
/** Half a day is left for what fails on the way to the seventh. */
const latestAfter = 6.5 * day;
/** Connections that were refreshed together come due apart. */
const spreadOver = 1.5 * day;
const mostAtOnce = 200;
const workForMs = 60_000;
const leaseSeconds = 180;
/** A platform that is away is not asked by each of many connections. */
const mostFailuresInARow = 5;
const waitAfterRefusal = day;

export function createKeepAlive(deps: {
  readonly connections: Pick<Connections, 'list'>;
  readonly getToken: (request: TokenRequest) => Promise<IssuedToken>;
  readonly leases: Leases;
  readonly ports: Pick<Ports, 'clock' | 'log'>;
}): KeepAlive {
  const { connections, getToken, leases, ports } = deps;
  const { clock, log } = ports;
  /** What failed lately must not stand before the others at each call; a new process may try it once more. */
  const notBefore = new Map<string, number>();

  async function work(): Promise<void> {
    const began = performance.now();
    const now = clock();
    const due = (await connections.list())
      .filter((each) => isDue(each, now) && (notBefore.get(each.id) ?? 0) <= now)
      .sort((a, b) => dueAt(a) - dueAt(b));
    const held = new Set<string>();
    let kept = 0;
    let failed = 0;
    let inARow = 0;
    for (const connection of due.slice(0, mostAtOnce)) {
      if (performance.now() - began > workForMs || inARow >= mostFailuresInARow) break;
      // Microsoft limits a tenant, not an account.
      if (held.has(connection.tenantId)) continue;
      try {
        await getToken({ connectionId: connection.id, forceRefresh: true });
        notBefore.delete(connection.id);
        kept += 1;
        inARow = 0;
      } catch (error) {
        failed += 1;
        const code = isAppError(error) ? error.code : 'internal_error';
        const away = isAppError(error) && error.retryable;
        inARow = away ? inARow + 1 : 0;
        if (code === 'throttled') held.add(connection.tenantId);
        notBefore.set(connection.id, clock() + (away ? Math.max(hour, waitOf(error)) : waitAfterRefusal));
        log.warn('keep_alive_failed', { connection: connection.id, code });
      }
    }
    if (due.length > 0) log.info('kept_alive', { due: due.length, kept, failed });
  }

  return async () => {
    const lease = await leases.take('keep-alive', leaseSeconds);
    if (!lease) return;
    try {
      await work();
    } finally {
      await lease.release();
    }
  };
}

function waitOf(error: unknown): number {
  return isAppError(error) ? (error.retryAfter ?? 0) * 1000 : 0;
}

function isDue(connection: Connection, now: number): boolean {
  return connection.kind === 'user' && connection.health === 'active' && dueAt(connection) <= now;
}

/** When its refresh token is to be used next (ms). The spread of one connection is always the same. */
export function dueAt({ id, lastTokenAt, createdAt }: Connection): number {
  const part = createHash('sha256').update(id).digest().readUInt32BE(0) / 2 ** 32;
  return (lastTokenAt ?? createdAt) + latestAfter - spreadOver * part;
}
