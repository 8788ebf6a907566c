import { z } from 'zod';
import type { Stack } from '../../../src/local/launcher/stack.ts';

/** `token:<grant>` for each answer, `token:<grant>:<error>` for each refusal, beside other counters. */
const calls = z.object({ counters: z.record(z.string(), z.number()) });

/** How many token requests the tenant has been asked so far, of whatever grant. */
export async function identityCalls(stack: Stack): Promise<number> {
  const answer = calls.parse(await control(stack, 'GET', '/control/calls'));
  return Object.entries(answer.counters)
    .filter(([name]) => name.startsWith('token:'))
    .reduce((sum, [, count]) => sum + count, 0);
}

/** From now on access tokens live so many seconds; undefined: as Entra's do. */
export async function setTokenLife(stack: Stack, seconds: number | undefined): Promise<void> {
  const life = seconds ?? null;
  await control(stack, 'PATCH', '/control/identity', { accessTokenSeconds: life, caeTokenSeconds: life });
}

export async function addPeople(stack: Stack, count: number, password: string): Promise<string[]> {
  const answer = await control(stack, 'POST', '/control/users', { count, password });
  const { value } = z.object({ value: z.array(z.object({ upn: z.string() })) }).parse(answer);
  return value.map(({ upn }) => upn);
}

async function control(stack: Stack, method: string, path: string, body?: unknown): Promise<unknown> {
  const answer = await fetch(`${stack.tenant.controlUrl}${path}`, {
    method,
    headers: { 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${path} answered ${answer.status}: ${text}`);
  return text === '' ? undefined : JSON.parse(text);
}
