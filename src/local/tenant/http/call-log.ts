import type { ListenerName } from './route.ts';

/** One answered request; never a query string, header or body. */
export interface Call {
  readonly at: number;
  readonly listener: ListenerName;
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly ms: number;
}

/** Counts of answered requests by listener, route and status, and the last thousand of them. */
export interface CallLog {
  record(call: Call, label: string): void;
  counts(): Record<string, Record<string, Record<string, number>>>;
  last(count: number): Call[];
  clear(): void;
}

const KEPT = 1000;

export function createCallLog(): CallLog {
  const counters = new Map<string, number>();
  let recent: Call[] = [];
  return {
    record(call, label) {
      const key = `${call.listener}\n${label}\n${call.status}`;
      counters.set(key, (counters.get(key) ?? 0) + 1);
      recent.push(call);
      if (recent.length > 2 * KEPT) recent = recent.slice(-KEPT);
    },
    counts() {
      const tree: Record<string, Record<string, Record<string, number>>> = {};
      for (const [key, count] of counters) {
        const [listener = '', label = '', status = ''] = key.split('\n');
        const routes = tree[listener] ?? {};
        tree[listener] = routes;
        routes[label] = { ...routes[label], [status]: count };
      }
      return tree;
    },
    last: (count) => recent.slice(-Math.min(count, KEPT)),
    clear() {
      counters.clear();
      recent = [];
    },
  };
}
