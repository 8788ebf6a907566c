import type { Directory } from './directory/directory.ts';
import type { Urls } from './http/route.ts';
import type { Ledger } from './ledger.ts';
import type { TenantOptions } from './options.ts';
import type { Seeded } from './seed.ts';
import type { StateStore } from './state.ts';

/** Sends one HTTP request to a subscriber; rejects when there is no answer within `timeoutMs`. */
export type Deliver = (
  url: string,
  request: {
    readonly method: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: string;
    readonly timeoutMs: number;
  },
) => Promise<{ status: number; headers: Record<string, string>; body: string }>;

/** What the kernel gives to the Graph part, whose `graph/graph-routes.ts` exports `graphRoutes(world): Route[]`. */
export interface GraphWorld {
  readonly directory: Directory;
  /** Milliseconds since 1970, as the tenant's (possibly skewed) clock has it. */
  readonly clock: () => number;
  readonly random: () => number;
  readonly seeded: Seeded;
  /** Trusts the tenant's own certificate authority in addition to the public ones. */
  readonly deliver: Deliver;
  readonly ledger: Ledger;
  readonly options: TenantOptions;
  readonly state: StateStore;
  /** Same as `state.changed()`. */
  readonly onChange: () => void;
  /** Base URLs for work that no exchange started; available once the tenant listens. */
  readonly urls: () => Urls;
  /** Registers work to end when the tenant stops (timers, running deliveries). */
  readonly onStop: (end: () => void | Promise<void>) => void;
}
