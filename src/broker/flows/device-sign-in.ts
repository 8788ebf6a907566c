import { z } from 'zod';
import { AppError, isAppError } from '../../errors.ts';
import { newId, type Ports } from '../../ports.ts';
import type { Storage } from '../../storage/storage.ts';
import type { Connection } from '../connection.ts';
import type { ExpectedPerson } from './accept-grant.ts';
import { explainRefusal } from './explain-refusal.ts';
import { createFlowRows } from './flow-rows.ts';
import type { ImportSignIn } from './import-sign-in.ts';
import type { MicrosoftDeviceCodes } from './microsoft-device-codes.ts';

const flow = z.object({
  /** Object id of the person who began it. */
  starter: z.string(),
  deviceCode: z.string(),
  expected: z.object({ objectId: z.string().optional(), username: z.string().optional() }),
  intervalSeconds: z.number(),
  /** Before then (ms) Microsoft is not asked. */
  nextPollAt: z.number(),
  expiresAt: z.number(),
});

export interface StartedDevice {
  /** `dev_…`, for the poll. */
  readonly id: string;
  readonly userCode: string;
  readonly verificationUri: string;
  readonly intervalSeconds: number;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
}

export type DevicePoll =
  | {
      readonly status: 'pending';
      readonly intervalSeconds: number;
      readonly expiresAt: number;
      readonly connection?: never;
    }
  | { readonly status: 'connected'; readonly connection: Connection };

/**
 * A person signs in at Microsoft on another device. Start and poll are requests of their own, on whichever instance. Throws
 * `forbidden` while the setting is off.
 */
export interface DeviceSignIn {
  start(request: { starter: string; expected: ExpectedPerson }): Promise<StartedDevice>;
  /**
   * Throws `not_found` for anybody but the starter, `slow_down` when it is asked before the interval is over, `flow_expired`,
   * `access_denied`, and what `ImportSignIn` throws; the last three end the flow.
   */
  poll(id: string, starter: string): Promise<DevicePoll>;
}

const means = { by: 'a device code', instead: 'Sign in to this account in the browser instead.' };

/** A poll that comes a little early, because clocks and networks are not exact, still counts. */
const earlyMs = 500;

export function createDeviceSignIn(deps: {
  readonly enabled: boolean;
  readonly storage: Pick<Storage, 'sealedTable'>;
  readonly codes: MicrosoftDeviceCodes;
  readonly importSignIn: ImportSignIn;
  readonly keyCheck: () => Promise<void>;
  readonly ports: Pick<Ports, 'clock' | 'random'>;
}): DeviceSignIn {
  const { codes, ports } = deps;
  const { clock } = ports;
  const flows = createFlowRows(deps.storage, clock, { partition: 'device-sign-in', schema: flow });

  function requireEnabled() {
    if (deps.enabled) return;
    throw new AppError(
      'forbidden',
      'Sign-in with a device code is switched off here. An administrator can switch it on with GRAPH_VALET_SIGN_IN_WAYS.',
    );
  }

  return {
    async start({ starter, expected }) {
      requireEnabled();
      await deps.keyCheck();
      const code = await codes.start();
      const id = newId('dev', ports.random);
      const expiresAt = clock() + code.expiresInSeconds * 1000;
      const { deviceCode, intervalSeconds, userCode, verificationUri } = code;
      const begun = { starter, deviceCode, expected, intervalSeconds, nextPollAt: clock(), expiresAt };
      await flows.put(id, begun, code.expiresInSeconds);
      return { id, userCode, verificationUri, intervalSeconds, expiresAt };
    },

    async poll(id, starter) {
      requireEnabled();
      const row = /^dev_[a-z2-7]{20}$/.test(id) ? await flows.read(id) : undefined;
      if (row?.value.starter !== starter) {
        throw new AppError('not_found', 'There is no such sign-in, or it is over.');
      }
      const { value } = row;
      const { expiresAt, intervalSeconds } = value;
      if (row.expired) throw new AppError('flow_expired', 'The code is no longer valid. Start again.');
      const now = clock();
      const claimed =
        now >= value.nextPollAt &&
        (await row.change({ ...value, nextPollAt: now + intervalSeconds * 1000 - earlyMs }));
      if (!claimed) throw slowDown(intervalSeconds);

      const answer = await codes.poll(value.deviceCode).catch(async (error: unknown) => {
        if (!isAppError(error) || !error.retryable) await flows.take(id);
        throw isAppError(error) ? explainRefusal(error, means) : error;
      });
      if (answer.kind === 'pending') return { status: 'pending', intervalSeconds, expiresAt };
      if (answer.kind === 'slow_down') {
        await lengthen(id);
        throw slowDown(intervalSeconds + 5);
      }
      if (!(await flows.take(id)))
        throw new AppError('not_found', 'There is no such sign-in, or it is over.');
      const connection = await deps.importSignIn({
        refreshToken: answer.refreshToken,
        expected: value.expected,
        means,
      });
      return { status: 'connected', connection };
    },
  };

  /** RFC 8628 section 3.5: five seconds more for this and all later polls. */
  async function lengthen(id: string): Promise<void> {
    const row = await flows.read(id);
    if (!row) return;
    const intervalSeconds = row.value.intervalSeconds + 5;
    await row.change({ ...row.value, intervalSeconds, nextPollAt: clock() + intervalSeconds * 1000 });
  }
}

function slowDown(seconds: number): AppError {
  return new AppError('slow_down', `Ask again in ${seconds} seconds, and not more often than that.`, {
    retryable: true,
    retryAfter: seconds,
  });
}
