import { z } from 'zod';
import { type CredentialWatch, endingSentence } from '../broker/notices/credential-watch.ts';
import type { Check } from '../broker/readiness.ts';
import type { Ports } from '../ports.ts';
import type { ApiOperation } from './api-operation.ts';
import { type Handler, json, withApiErrors } from './http.ts';

const checkView = z.object({ name: z.string(), ok: z.boolean(), problem: z.string().optional() });

export const healthOperations: readonly ApiOperation[] = [
  {
    method: 'GET',
    path: '/healthz',
    summary: 'The process answers',
    auth: 'none',
    response: z.object({ status: z.literal('alive') }),
  },
  {
    method: 'GET',
    path: '/readyz',
    summary: 'Storage, vault, keys and credential answer; 503 names what does not',
    auth: 'none',
    response: z.object({
      status: z.enum(['ready', 'not_ready']),
      checks: z.array(checkView),
      warnings: z.array(z.string()).describe('What will stop it, but has not yet'),
    }),
  },
];

export function createHealthApi(deps: {
  readonly ready: () => Promise<Check[]>;
  readonly credential: Pick<CredentialWatch, 'ending'>;
  readonly ports: Pick<Ports, 'log' | 'random'>;
}): { readonly alive: Handler; readonly ready: Handler } {
  return {
    alive: withApiErrors(async () => json(200, { status: 'alive' }), deps.ports),
    ready: withApiErrors(async () => {
      const [checks, credential] = await Promise.all([
        deps.ready(),
        // What can't be found out is no warning: the checks name what does not answer.
        deps.credential.ending().catch(() => undefined),
      ]);
      const warnings = credential ? [endingSentence(credential)] : [];
      const ready = checks.every((check) => check.ok);
      return json(ready ? 200 : 503, { status: ready ? 'ready' : 'not_ready', checks, warnings });
    }, deps.ports),
  };
}
