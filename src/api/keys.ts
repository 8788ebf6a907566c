import { z } from 'zod';
import type { Audit } from '../broker/audit.ts';
import { auditPerson } from '../broker/audit-event.ts';
import type { Ports } from '../ports.ts';
import { cacheKeySecret } from '../storage/key-ring.ts';
import { activeForMs, type KeyRotation, prepareForMs } from '../storage/key-rotation.ts';
import { type RingState, ringPhases } from '../storage/ring-state.ts';
import type { Vault } from '../storage/vault.ts';
import type { ApiOperation } from './api-operation.ts';
import type { Authorize } from './authorize.ts';
import { type Handler, json, readQuery, routeParameter, withApiErrors } from './http.ts';
import { isoTime } from './list-page.ts';

const keyView = z.object({
  id: z.string().describe('Version of the secret in Key Vault'),
  use: z
    .enum(['active', 'next', 'old', 'retired', 'none'])
    .describe('`old`: seals nothing new, and may be in rows still'),
  createdAt: z.string(),
  enabled: z.boolean().describe('In Key Vault'),
  rows: z.int().optional().describe('Rows that it seals; only when asked for with `rows=true`'),
});
const keysView = z.object({
  phase: z.enum(ringPhases),
  since: z.string().optional(),
  nextStepAt: z.string().optional().describe('When the rotation goes on by itself'),
  progress: z.object({ seen: z.int(), rewrapped: z.int(), unreadable: z.int() }).optional(),
  rowsLeft: z.int().optional().describe('Rows that kept the old keys from being retired'),
  keys: z.array(keyView),
});
const keysQuery = z.object({
  rows: z.enum(['true', 'false']).optional().describe('Count rows by key: reads every sealed row'),
});

export const keyOperations: readonly ApiOperation[] = [
  {
    method: 'GET',
    path: '/api/keys',
    summary: 'The keys that seal what is stored, and where their rotation stands',
    auth: 'administrator',
    query: keysQuery,
    response: keysView,
  },
  {
    method: 'POST',
    path: '/api/keys/rotate',
    summary: 'Begin a rotation to a new key; it goes on by itself: prepare, active, rewrap, retire',
    auth: 'administrator',
    response: keysView,
    status: 202,
  },
  {
    method: 'POST',
    path: '/api/keys/{id}/retire',
    summary: 'End a key that no stored row uses',
    auth: 'administrator',
    response: keysView,
  },
];

export interface KeysApi {
  readonly get: Handler;
  readonly rotate: Handler;
  readonly retire: Handler;
}

export function createKeysApi(deps: {
  readonly keyRotation: KeyRotation;
  readonly vault: Pick<Vault, 'versions'>;
  readonly audit: Pick<Audit, 'record'>;
  readonly authorize: Authorize;
  readonly ports: Pick<Ports, 'log' | 'random'>;
}): KeysApi {
  const { keyRotation, vault, audit, authorize, ports } = deps;

  async function view(state: RingState | undefined, rows?: ReadonlyMap<string, number>) {
    const versions = await vault.versions(cacheKeySecret);
    const newest = versions[0]?.version;
    return {
      phase: state?.phase ?? 'steady',
      ...(state ? stateView(state) : {}),
      keys: versions.map(({ version: id, createdAt, enabled }) => ({
        id,
        use: state ? useOf(id, state) : id === newest ? 'active' : 'old',
        createdAt: isoTime(createdAt),
        enabled,
        ...(rows ? { rows: rows.get(id) ?? 0 } : {}),
      })),
    } satisfies z.output<typeof keysView>;
  }

  const record = async (
    action: 'key.rotate' | 'key.retire',
    requestId: string,
    actor: ReturnType<typeof auditPerson>,
    target: string,
  ) => audit.record({ outcome: 'granted', reason: 'ok', action, requestId, actor, target });

  return {
    get: withApiErrors(async (request) => {
      await authorize(request, 'administrator');
      const { rows } = readQuery(request, keysQuery);
      const counted = rows === 'true' ? await keyRotation.count() : undefined;
      return json(200, await view(await keyRotation.state(), counted));
    }, ports),

    rotate: withApiErrors(async (request, { requestId }) => {
      const person = await authorize(request, 'administrator');
      await record('key.rotate', requestId, auditPerson(person), cacheKeySecret);
      return json(202, await view(await keyRotation.rotate()));
    }, ports),

    retire: withApiErrors(async (request, { requestId }) => {
      const person = await authorize(request, 'administrator');
      const id = routeParameter(request, 'id');
      await record('key.retire', requestId, auditPerson(person), id.slice(0, 64));
      return json(200, await view(await keyRotation.retire(id)));
    }, ports),
  };
}

function stateView({ phase, since, progress, left }: RingState) {
  const waits = phase === 'prepare' ? prepareForMs : phase === 'active' ? activeForMs : undefined;
  return {
    since: isoTime(since),
    ...(waits === undefined ? {} : { nextStepAt: isoTime(since + waits) }),
    ...(progress
      ? {
          progress: {
            seen: progress.seen,
            rewrapped: progress.rewrapped,
            unreadable: progress.unreadable,
          },
        }
      : {}),
    ...(left ? { rowsLeft: left.rows } : {}),
  };
}

function useOf(id: string, state: RingState): z.output<typeof keyView>['use'] {
  if (id === state.active) return 'active';
  if (id === state.next) return 'next';
  if (state.old.includes(id)) return 'old';
  return state.retired.some((each) => each.id === id) ? 'retired' : 'none';
}
