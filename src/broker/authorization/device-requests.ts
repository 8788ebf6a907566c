import { z } from 'zod';
import { AppError } from '../../errors.ts';
import type { Ports } from '../../ports.ts';
import type { Storage } from '../../storage/storage.ts';
import { sameDigest, sha256 } from '../digest.ts';
import { createFlowRows, type FlowRow } from '../flows/flow-rows.ts';
import { createRateLimit } from '../rate-limit.ts';
import type { TokenOwner } from './broker-tokens.ts';
import { ownerSchema } from './owner.ts';
import type { PublicClient } from './public-clients.ts';
import { formatToken, idOfToken, newTokenId } from './token-text.ts';
import { newUserCode, readUserCode } from './user-code.ts';

const request = z.object({
  clientId: z.string(),
  clientName: z.string(),
  /** SHA-256 of the device code. */
  codeHash: z.string(),
  intervalSeconds: z.number(),
  nextPollAt: z.number(),
  state: z.enum(['waiting', 'approved', 'denied']),
  owner: ownerSchema.optional(),
});
type Request = z.infer<typeof request>;

export interface DeviceRequest {
  readonly deviceCode: string;
  /** Eight letters with a hyphen, for a person to type. */
  readonly userCode: string;
  readonly expiresInSeconds: number;
  readonly intervalSeconds: number;
}

/** Programs that wait for a person to let them in (RFC 8628). */
export interface DeviceRequests {
  /** Throws `rate_limited`: nobody has proved who they are. */
  begin(client: PublicClient): Promise<DeviceRequest>;
  /**
   * The person who approved it, once. Throws `authorization_pending`, `slow_down`, `expired_token`, `access_denied`, and
   * `invalid_grant` for an unknown code.
   */
  redeem(deviceCode: string, clientId: string): Promise<TokenOwner>;
  /** What waits under a user code that this person typed. Throws `rate_limited`: codes are short enough to be guessed at. */
  find(
    userCode: string,
    person: TokenOwner,
  ): Promise<{ readonly clientName: string; readonly userCode: string } | undefined>;
  /** False when the code is not known, over, or decided already. Throws `rate_limited`. */
  decide(userCode: string, person: TokenOwner, decision: 'approve' | 'deny'): Promise<boolean>;
  /** Ends what was approved under this connection and not fetched yet. */
  endAllOf(connectionId: string): Promise<void>;
}

const lifeSeconds = 15 * 60;
const intervalSeconds = 5;
const earlyMs = 500;

export function createDeviceRequests(deps: {
  readonly storage: Pick<Storage, 'sealedTable'>;
  readonly ports: Pick<Ports, 'clock' | 'random'>;
}): DeviceRequests {
  const { clock, random } = deps.ports;
  const requests = createFlowRows(deps.storage, clock, { partition: 'device-request', schema: request });
  const userCodes = createFlowRows(deps.storage, clock, { partition: 'user-code', schema: z.string() });
  const begins = createRateLimit({ clock, requests: 120, windowSeconds: 60 });
  const guesses = createRateLimit({ clock, requests: 20, windowSeconds: 60 });

  function within(over: ReturnType<typeof begins.take>) {
    if (!over) return;
    throw new AppError('rate_limited', 'There were too many attempts. Wait a minute.', {
      retryable: true,
      retryAfter: over.waitSeconds,
    });
  }

  async function waiting(userCode: string, person: TokenOwner): Promise<FlowRow<Request> | undefined> {
    within(guesses.take(person.objectId));
    const code = readUserCode(userCode);
    const id = code === undefined ? undefined : await userCodes.read(code);
    const row = id && !id.expired ? await requests.read(id.value) : undefined;
    return row && !row.expired && row.value.state === 'waiting' ? row : undefined;
  }

  return {
    async begin(client) {
      within(begins.take('begin'));
      const id = newTokenId(random);
      const deviceCode = formatToken('gvd', id, random);
      const userCode = newUserCode(random);
      const value: Request = {
        clientId: client.id,
        clientName: client.name,
        codeHash: sha256(deviceCode),
        intervalSeconds,
        nextPollAt: clock(),
        state: 'waiting',
      };
      await requests.put(id, value, lifeSeconds);
      await userCodes.put(userCode.replace('-', ''), id, lifeSeconds);
      return { deviceCode, userCode, expiresInSeconds: lifeSeconds, intervalSeconds };
    },

    async endAllOf(connectionId) {
      await requests.endAll(({ owner }) => owner?.connectionId === connectionId);
    },

    async redeem(deviceCode, clientId) {
      const id = idOfToken('gvd', deviceCode);
      const row = id === undefined ? undefined : await requests.read(id);
      const known =
        row && row.value.clientId === clientId && sameDigest(sha256(deviceCode), row.value.codeHash);
      if (!known) throw unknownCode();
      const { value } = row;
      if (row.expired) throw new AppError('expired_token', 'The code is no longer valid. Start again.');
      if (value.state === 'denied') {
        await row.take();
        throw new AppError('access_denied', 'The sign-in was declined.');
      }
      if (value.state === 'approved' && value.owner) {
        if (!(await row.take())) throw unknownCode();
        return value.owner;
      }
      const now = clock();
      if (now < value.nextPollAt) {
        const slower = value.intervalSeconds + 5;
        await row.change({ ...value, intervalSeconds: slower, nextPollAt: now + slower * 1000 - earlyMs });
        throw new AppError('slow_down', `Ask every ${slower} seconds, and not more often.`, {
          retryAfter: slower,
        });
      }
      await row.change({ ...value, nextPollAt: now + value.intervalSeconds * 1000 - earlyMs });
      throw new AppError('authorization_pending', 'Nobody has approved the sign-in yet.');
    },

    async find(userCode, person) {
      const row = await waiting(userCode, person);
      const code = readUserCode(userCode);
      if (!row || code === undefined) return undefined;
      return { clientName: row.value.clientName, userCode: `${code.slice(0, 4)}-${code.slice(4)}` };
    },

    async decide(userCode, person, decision) {
      for (let attempt = 0; attempt < 5; attempt += 1) {
        const row = await waiting(userCode, person);
        if (!row) return false;
        const state = decision === 'approve' ? 'approved' : 'denied';
        const owner = ownerSchema.parse(person);
        // A poll of the program may change the row at the same moment.
        if (await row.change({ ...row.value, state, ...(state === 'approved' ? { owner } : {}) }))
          return true;
      }
      return false;
    },
  };
}

function unknownCode(): AppError {
  return new AppError('invalid_grant', 'The device code is not known here, or was used already.');
}
