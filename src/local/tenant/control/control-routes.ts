import { z } from 'zod';
import type { FaultEngine } from '../faults/fault-engine.ts';
import { faultRuleSchema } from '../faults/fault-rule.ts';
import type { CallLog } from '../http/call-log.ts';
import type { Exchange, Reply, Route } from '../http/route.ts';
import { HttpFault } from '../http/route.ts';
import type { SigningKeys } from '../identity/signing-keys.ts';
import type { SwitchBoard } from '../identity/switches.ts';
import type { Ledger } from '../ledger.ts';
import type { TenantClock } from '../tenant-clock.ts';

const faultRules = z.union([z.array(faultRuleSchema), faultRuleSchema.transform((rule) => [rule])]);
const clockChange = z.strictObject({ offsetSeconds: z.number() });

/** What tests and scripts use to make the tenant misbehave and to read back what happened. */
export function controlRoutes(parts: {
  readonly faults: FaultEngine;
  readonly calls: CallLog;
  readonly ledger: Ledger;
  readonly switches: SwitchBoard;
  readonly keys: SigningKeys;
  readonly clock: TenantClock;
}): Route[] {
  const { faults, calls, ledger, switches, keys, clock } = parts;
  const route = (
    method: string,
    path: string,
    summary: string,
    handle: (exchange: Exchange) => Reply | Promise<Reply>,
  ): Route => ({ listener: 'control', method, path, summary, contract: '-', handle });

  return [
    route(
      'GET',
      '/control/calls',
      'Calls by listener, route and status, counters, and the last calls',
      ({ query }) => ({
        status: 200,
        body: {
          counts: calls.counts(),
          counters: ledger.counts(),
          last: calls.last(Number(query.get('last') ?? 100) || 100),
        },
      }),
    ),
    route('DELETE', '/control/calls', 'Forgets all counts', () => {
      calls.clear();
      ledger.clear();
      return { status: 204 };
    }),
    route('GET', '/control/faults', 'Fault rules, and how often each was met and struck', () => ({
      status: 200,
      body: { value: faults.list() },
    })),
    route('POST', '/control/faults', 'Adds one fault rule or a list of them', ({ json }) => {
      faults.add(parse(faultRules, json()));
      return { status: 201, body: { value: faults.list() } };
    }),
    route('DELETE', '/control/faults', 'Removes all fault rules', () => {
      faults.clear();
      return { status: 204 };
    }),
    route('GET', '/control/identity', 'Switches of the identity platform', () => ({
      status: 200,
      body: switches.get(),
    })),
    route('PATCH', '/control/identity', 'Changes some of those switches', ({ json }) => {
      try {
        return { status: 200, body: switches.set(json()) };
      } catch (error) {
        if (!(error instanceof z.ZodError)) throw error;
        throw new HttpFault(400, 'badRequest', z.prettifyError(error));
      }
    }),
    route('DELETE', '/control/identity', 'Puts them back', () => ({ status: 200, body: switches.reset() })),
    route('POST', '/control/keys/rotate', 'A new signing key; the oldest goes', async () => {
      await keys.rotate();
      return { status: 204 };
    }),
    route('GET', '/control/clock', 'The clock of the tenant', () => ({
      status: 200,
      body: { now: new Date(clock.now()).toISOString(), offsetSeconds: clock.offsetSeconds },
    })),
    route('PUT', '/control/clock', 'Skews the clock by seconds', ({ json }) => {
      clock.offsetSeconds = parse(clockChange, json()).offsetSeconds;
      return { status: 200, body: { offsetSeconds: clock.offsetSeconds } };
    }),
  ];
}

function parse<T>(schema: z.ZodType<T>, value: unknown): T {
  const read = schema.safeParse(value);
  if (read.success) return read.data;
  throw new HttpFault(400, 'badRequest', z.prettifyError(read.error));
}
