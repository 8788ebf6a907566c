import type { Connection } from './connection.ts';
import type { StoredAnswer } from './stored-answer.ts';

/** One token, wanted of one connection. */
export interface Wanted {
  readonly connection: Connection;
  readonly resource: string;
  /** Short form, sorted; empty: all that the connection holds. */
  readonly scopes: readonly string[];
  readonly key: string;
  /** How long it must still live (ms). */
  readonly minTtlMs: number;
  readonly claims: string | undefined;
  /** `any` stored answer that is good will do, only one that is not `due` for a refresh, or a `new` one. */
  readonly age: 'any' | 'notDue' | 'new';
}

export interface Acquired {
  readonly answer: StoredAnswer;
  readonly source: 'store' | 'entra';
}

/**
 * A token from the store or from Entra: one refresh for each account across instances, by a lease. Before a refresh token is
 * spent the store has been proved writable (the lease is a write). Throws what `toEntraFailure` says, and marks the
 * connection when a person is needed.
 */
export type Acquire = (wanted: Wanted) => Promise<Acquired>;
