/** How the service sees one subscriber's host. */
export type EndpointState = 'healthy' | 'slow' | 'drop';

/** Slow hosts get notifications late, those that hardly answer get none; each for a while, then they are judged anew. */
export interface EndpointHealth {
  /** How long an answer took; a timeout counts with the time that was waited. */
  record(url: string, ms: number): void;
  stateOf(url: string): EndpointState;
  all(): { readonly host: string; readonly state: EndpointState; readonly answers: number }[];
}

const WINDOW_MS = 600_000;
const SLOW_SHARE = 0.1;
const DROP_SHARE = 0.15;

interface Host {
  answers: { readonly at: number; readonly ms: number }[];
  state: EndpointState;
  until: number;
}

export function createEndpointHealth(parts: {
  readonly clock: () => number;
  /** `slowMs` and `dropMs` are the limits of an answer, `stayMs` is how long a judgement holds, `least` the answers that it needs. */
  readonly limits: () => { slowMs: number; dropMs: number; stayMs: number; least: number };
}): EndpointHealth {
  const { clock, limits } = parts;
  const hosts = new Map<string, Host>();

  function judge(host: Host): void {
    const { slowMs, dropMs, stayMs, least } = limits();
    host.answers = host.answers.filter(({ at }) => at > clock() - WINDOW_MS);
    const share = (limit: number) =>
      host.answers.filter(({ ms }) => ms >= limit).length / host.answers.length;
    if (host.answers.length < least) return;
    const state = share(dropMs) > DROP_SHARE ? 'drop' : share(slowMs) > SLOW_SHARE ? 'slow' : 'healthy';
    if (state === 'healthy') return;
    // What led to the judgement is forgotten, so that the next one rests on later answers.
    Object.assign(host, { state, until: clock() + stayMs, answers: [] });
  }

  const refreshed = (host: Host): Host => {
    if (host.state !== 'healthy' && host.until <= clock()) host.state = 'healthy';
    return host;
  };

  return {
    record(url, ms) {
      const name = new URL(url).host;
      const host = refreshed(hosts.get(name) ?? { answers: [], state: 'healthy', until: 0 });
      hosts.set(name, host);
      host.answers.push({ at: clock(), ms });
      if (host.state !== 'drop') judge(host);
    },
    stateOf(url) {
      const host = hosts.get(new URL(url).host);
      return host ? refreshed(host).state : 'healthy';
    },
    all: () =>
      [...hosts].map(([host, one]) => ({ host, state: refreshed(one).state, answers: one.answers.length })),
  };
}
