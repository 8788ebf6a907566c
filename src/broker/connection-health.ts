import type { Connection, ConnectionHealth } from './connection.ts';

export const switchedOff = {
  code: 'switched_off',
  message: 'An administrator of this installation switched this connection off.',
};

/** After a sign-in or a consent; neither undoes what an administrator decided. */
export function revived(old: Connection, now: number): Connection {
  const { healthReason, ...rest } = old;
  const kept = { ...rest, lastTokenAt: now, epoch: old.epoch + 1 };
  if (old.health !== 'disabled') return { ...kept, health: 'active' };
  return healthReason ? { ...kept, healthReason } : kept;
}

export function withHealth(
  old: Connection,
  now: number,
  health: ConnectionHealth,
  reason?: { code: string; message: string },
): Connection {
  const { healthReason: _, ...rest } = old;
  const healthReason = reason && { ...reason, at: now };
  return { ...rest, health, ...(healthReason ? { healthReason } : {}), epoch: old.epoch + 1 };
}

/** Entra said so, not an administrator. */
export function isVerdict({ health, healthReason }: Connection): boolean {
  return (
    health === 'needs_consent' || (health === 'needs_sign_in' && healthReason?.code === 'reauth_required')
  );
}
