import type { Bench, BenchOptions } from './figure.ts';
import { cold } from './token/cold.ts';
import { compare } from './token/compare.ts';
import { many } from './token/many.ts';
import { openStage, type Stage } from './token/stage.ts';
import { stampede } from './token/stampede.ts';
import { storm } from './token/storm.ts';

/** One part of the bench: the cases that it reports, and how. */
export interface Part {
  readonly cases: readonly string[];
  run(stage: Stage, options: Pick<BenchOptions, 'report' | 'say'>): Promise<void>;
}

const warm: Part = {
  cases: ['token-warm', 'token-warm-p99'],
  async run(stage, { report, say }) {
    const stock = await stage.stockBroker();
    const request = stage.byKey(stage.seeded.connection);
    say('warm tokens: ours, and msal-node with its DistributedCachePlugin on the same tables');
    const [ours, peer] = await compare(
      { url: tokenUrl(stage), requests: [request] },
      { url: stock.url, requests: [request] },
    );
    await stock.stop();
    const against = 'msal-node with DistributedCachePlugin on the same tables';
    report(rate('token-warm', ours.perSecond, peer.perSecond, against));
    const slow = { bench: 'token', case: 'token-warm-p99', unit: 'ms', note: against };
    report({ ...slow, ours: ours.p99, peer: peer.p99, ratio: ours.p99 / peer.p99 });
  },
};

const ceiling: Part = {
  cases: ['token-warm-ceiling'],
  async run(stage, { report, say }) {
    const bare = await stage.bareServer();
    const request = stage.byKey(stage.seeded.connection);
    say('warm tokens: ours, and a bare node:http server that answers a constant');
    const [ours, peer] = await compare(
      { url: tokenUrl(stage), requests: [request] },
      { url: bare.url, requests: [request] },
    );
    await bare.stop();
    report(rate('token-warm-ceiling', ours.perSecond, peer.perSecond, 'bare node:http'));
  },
};

const empty: Part = {
  cases: ['token-vs-empty', 'token-vs-empty-oidc'],
  async run(stage, { report, say }) {
    const peerServer = await stage.emptyFunction();
    const byKey = [stage.byKey(stage.seeded.connection)];
    const byOidc = await stage.byOidc(stage.seeded.connection);
    for (const [name, requests] of [
      ['token-vs-empty', byKey],
      ['token-vs-empty-oidc', byOidc],
    ] as const) {
      say(`warm tokens: ours, and an empty function in the same host (${name})`);
      const [ours, peer] = await compare(
        { url: tokenUrl(stage), requests },
        { url: peerServer.url, requests },
      );
      report(rate(name, ours.perSecond, peer.perSecond, 'empty function in the same local host'));
    }
    await peerServer.stop();
  },
};

const parts = [warm, ceiling, empty, many, cold, stampede, storm];

/** What a token costs, over the whole HTTP path, with the load in a process of its own. */
export const bench: Bench = {
  summary: 'tokens over HTTP, side by side with the stock way',
  async run({ report, say, only }) {
    const wanted = parts.filter(({ cases }) => only.size === 0 || cases.some((name) => only.has(name)));
    if (wanted.length === 0) return;
    const stage = await openStage();
    try {
      for (const part of wanted) await part.run(stage, { report, say });
    } finally {
      await stage.stop();
    }
  },
};

export function tokenUrl({ stack }: Stage): string {
  return `${stack.url}/oauth2/token`;
}

function rate(name: string, ours: number, peer: number, note: string) {
  return { bench: 'token', case: name, ours, peer, ratio: ours / peer, unit: 'requests/s', note };
}
