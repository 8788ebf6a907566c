import { AppError } from '../errors.ts';
import type { Connection } from './connection.ts';

/**
 * Throws what stands against asking Microsoft for this connection: `reauth_required`, `consent_required`, `forbidden`. `trying`: somebody
 * wants to see whether a consent that was missing has been given by now.
 */
export function requireActive(connection: Connection, { trying = false } = {}): void {
  if (connection.health === 'needs_sign_in') {
    throw new AppError('reauth_required', 'The person of this connection must sign in again.');
  }
  if (connection.health === 'needs_consent' && !trying) {
    throw new AppError('consent_required', 'An administrator of that tenant must consent to this app again.');
  }
  if (connection.health === 'disabled') throw new AppError('forbidden', 'This connection is disabled.');
}
