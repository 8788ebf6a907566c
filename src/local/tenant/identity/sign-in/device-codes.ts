import { randomBytes, randomInt } from 'node:crypto';

export interface DeviceCode {
  readonly deviceCode: string;
  readonly userCode: string;
  readonly clientId: string;
  readonly scope: string;
  /** Tenant segment at which it was asked for. */
  readonly segment: string;
  /** Epoch seconds. */
  readonly until: number;
  state: 'waiting' | 'approved' | 'declined' | 'used';
  signedIn?: { readonly userId: string; readonly authTime: number; readonly methods: readonly string[] };
}

export interface DeviceCodes {
  begin(ask: { clientId: string; scope: string; segment: string; until: number }): DeviceCode;
  find(deviceCode: string): DeviceCode | undefined;
  /** What a person typed, in any case. */
  byUserCode(userCode: string): DeviceCode | undefined;
}

// Without the letters and digits that are mistaken for one another.
const alphabet = 'ABCDEFGHJKLMNPQRSTUVWXYZ23456789';

export function createDeviceCodes(clock: () => number): DeviceCodes {
  const known = new Map<string, DeviceCode>();
  const byUser = new Map<string, DeviceCode>();
  return {
    begin(ask) {
      for (const entry of known.values()) {
        // Kept for a while after its end, so that a late poll hears "expired" and not "unknown".
        if (entry.until + 3600 > clock() / 1000) continue;
        known.delete(entry.deviceCode);
        byUser.delete(entry.userCode);
      }
      const userCode = Array.from({ length: 9 }, () => alphabet[randomInt(alphabet.length)]).join('');
      const deviceCode = `1.AQ.${randomBytes(64).toString('base64url')}`;
      const entry: DeviceCode = { ...ask, deviceCode, userCode, state: 'waiting' };
      known.set(deviceCode, entry);
      byUser.set(userCode, entry);
      return entry;
    },
    find: (deviceCode) => known.get(deviceCode),
    byUserCode: (userCode) => byUser.get(userCode.trim().toUpperCase()),
  };
}
