import { AppError, isAppError } from '../../errors.ts';
import type { Clock } from '../../ports.ts';
import { heldLeaseSeconds, holdLease } from '../../storage/hold-lease.ts';
import type { Leases } from '../../storage/leases.ts';
import type { Row } from '../../storage/table.ts';
import type { Entra } from '../entra.ts';
import type { IssuedToken, TokenRequest } from '../issued-token.ts';
import {
  answerKey,
  forStore,
  type StoredAnswer,
  toStoredAnswer,
  usableUntil,
  withAnswer,
} from '../stored-answer.ts';
import { checkToken } from '../token-check.ts';
import { requireResource, shortScopes, wireScopes } from '../token-scopes.ts';
import type { Handle, Handles } from './handles.ts';
import { toIssuedToken } from './to-issued-token.ts';

/**
 * The next token of a handle: from its row, or from Entra, once for all who ask at the same moment. Throws `invalid_grant` when
 * Entra no longer takes what is stored; the handle ends then.
 */
export type Renew = (row: Row<Handle>, request: Omit<TokenRequest, 'connectionId'>) => Promise<IssuedToken>;

const waitMs = 100;
const mostWaitMs = 15_000;

export function createRenew(deps: {
  readonly handles: Handles;
  readonly entra: Pick<Entra, 'refresh'>;
  readonly leases: Leases;
  readonly clientId: string;
  readonly clock: Clock;
}): Renew {
  const { handles, clock } = deps;

  /** Undefined: another holder has been here since, and knows more. */
  async function underLease(row: Row<Handle>, wanted: Wanted): Promise<IssuedToken | undefined> {
    const now = await handles.read(row);
    if (!now) throw over();
    const stored = find(now.value, wanted);
    if (stored) return stored;
    const { tenantId, objectId, credentials, answers } = now.value;
    const { resource, scopes, claims } = wanted;
    const grant = await deps.entra
      .refresh({ tenantId, credentials, scopes: wireScopes(scopes, resource), claims })
      .catch(async (error: unknown) => {
        if (!isAppError(error, 'reauth_required')) throw error;
        // A refusal judges the bytes that were sent: others may be stored by now.
        const current = await handles.read(row);
        if (current && secretOf(current) !== secretOf(now)) return undefined;
        await handles.end(now);
        throw over(error.detail);
      });
    if (!grant) return undefined;
    const expected = { kind: 'user' as const, tenantId, objectId, clientId: deps.clientId, resource, scopes };
    const checked = checkToken(grant.accessToken, grant.scopes, expected);
    const answer = toStoredAnswer(wanted.key, grant, checked, 0);
    const kept = await handles.replace(now, {
      ...now.value,
      credentials: grant.credentials ?? credentials,
      answers: withAnswer(answers, forStore(answer, checked), clock()),
    });
    // Ended while Entra answered: nothing of it leaves.
    if (!kept && !(await handles.read(row))) throw over();
    return toIssuedToken(answer, tenantId, 'entra');
  }

  function find(handle: Handle, wanted: Wanted): IssuedToken | undefined {
    const answer = handle.answers.find((each) => each.key === wanted.key);
    if (!answer || wanted.claims !== undefined || !isGood(answer, wanted)) return undefined;
    return toIssuedToken(answer, handle.tenantId, 'store');
  }

  function isGood(answer: StoredAnswer, { since, minTtlMs, isNew }: Wanted): boolean {
    if (isNew && answer.obtainedAt <= since) return false;
    return usableUntil(answer) > clock() && answer.expiresAt - clock() >= minTtlMs;
  }

  return async (row, request) => {
    const resource = requireResource(request.resource ?? row.value.resource);
    const scopes = shortScopes(request.scopes ?? [], resource);
    const wanted: Wanted = {
      resource,
      scopes,
      key: answerKey('', resource, scopes),
      claims: request.claims,
      minTtlMs: (request.minTtl ?? 0) * 1000,
      isNew: request.forceRefresh === true,
      since: clock(),
    };
    let now: Row<Handle> | undefined = row;
    const giveUpAt = performance.now() + mostWaitMs;
    while (now) {
      const stored = find(now.value, wanted);
      if (stored) return stored;
      const lease = await deps.leases.take(`handle~${row.row}`, heldLeaseSeconds);
      const renewed = lease && (await holdLease(lease, () => underLease(row, wanted)));
      if (renewed) return renewed;
      if (performance.now() > giveUpAt) {
        throw new AppError(
          'upstream_unavailable',
          'This token is being renewed already. Try again shortly.',
          {
            retryable: true,
            retryAfter: 1,
          },
        );
      }
      await new Promise((resolve) => setTimeout(resolve, waitMs));
      now = await handles.read(row);
    }
    throw over();
  };
}

function secretOf({ value }: Row<Handle>): string {
  return value.credentials.refreshToken.entity.secret;
}

interface Wanted {
  readonly resource: string;
  readonly scopes: readonly string[];
  readonly key: string;
  readonly claims: string | undefined;
  readonly minTtlMs: number;
  /** One that was obtained after `since`. */
  readonly isNew: boolean;
  readonly since: number;
}

function over(detail?: string): AppError {
  return new AppError(
    'invalid_grant',
    'This handle is over. The person must be there again: exchange a new token of theirs.',
    detail === undefined ? {} : { detail },
  );
}
