import { AppError, isAppError } from '../errors.ts';
import type { Clock, Log } from '../ports.ts';
import type { Row } from '../storage/table.ts';
import type { Connection, Connections } from './connections.ts';
import type { TokenRow, TokenRows } from './token-rows.ts';

/** Clocks of instances differ a little. A pause that began later than that from now says that a clock has gone back. */
const skewMs = 60_000;

/** Whoever is told to wait, all wait: the row is what instances share. Throws `throttled` or `upstream_unavailable`. */
export function checkPause(row: Row<TokenRow> | undefined, now: number): void {
  const pause = row?.value.pause;
  if (!pause || pause.until <= now || pause.from > now + skewMs) return;
  throw new AppError(
    pause.code,
    pause.code === 'throttled'
      ? 'Microsoft asks to wait before the next token is requested.'
      : 'Microsoft did not answer as expected a moment ago. Try again shortly.',
    { retryable: true, retryAfter: Math.ceil((pause.until - now) / 1000) },
  );
}

export interface FailedRefresh {
  readonly connection: Connection;
  readonly rowKey: string;
  /** As it was when its refresh token was sent. */
  readonly row: Row<TokenRow> | undefined;
  readonly fence: number;
}

/**
 * Notes what a failed refresh means for all instances: a pause, or the end of the sign-in. A refusal judges the bytes that
 * were sent: `outdated` when the store holds others by now, which are worth a try.
 */
export async function noteFailure(
  deps: {
    readonly rows: Pick<TokenRows, 'read' | 'write'>;
    readonly connections: Pick<Connections, 'setHealth' | 'touch'>;
    readonly clock: Clock;
    readonly log: Log;
  },
  { connection, rowKey, row, fence }: FailedRefresh,
  error: unknown,
): Promise<'noted' | 'outdated'> {
  if (!isAppError(error)) return 'noted';
  const { rows, connections, clock, log } = deps;
  if (error.code === 'throttled' || error.code === 'upstream_unavailable') await noteWait(error.code);
  if (error.code === 'reauth_required' && connection.kind === 'user') {
    if (await wasReplaced()) return 'outdated';
    await mark('needs_sign_in', error);
    // A late holder may have stored what it was given for those same bytes just now.
    if (await wasReplaced()) {
      await connections.touch(connection.id, { alive: true });
      return 'outdated';
    }
  }
  if (error.code === 'consent_required' && connection.kind === 'app') await mark('needs_consent', error);
  return 'noted';

  async function noteWait(code: 'throttled' | 'upstream_unavailable'): Promise<void> {
    const from = clock();
    const until = from + ((error as AppError).retryAfter ?? 60) * 1000;
    const answers = (row?.value.answers ?? []).filter((each) => each.expiresAt > from);
    const pause = { from, until, code };
    try {
      await rows.write(connection.id, rowKey, row, { ...row?.value, fence, answers, pause });
    } catch {
      // The next one asks once more, that is all.
      log.warn('pause_not_kept', { connection: connection.id });
    }
  }

  async function wasReplaced(): Promise<boolean> {
    const sent = row?.value.credentials?.refreshToken.entity.secret;
    const stored = (await rows.read(connection.id, rowKey))?.value.credentials?.refreshToken.entity.secret;
    return stored !== undefined && stored !== sent;
  }

  async function mark(health: 'needs_sign_in' | 'needs_consent', { code, message, detail }: AppError) {
    await connections.setHealth(connection.id, health, { code, message }, connection.epoch);
    log.warn(`connection_${health}`, { connection: connection.id, detail, fence });
  }
}
