import { readFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { spawnChild } from '../../../src/local/launcher/child.ts';
import { type Part, tokenUrl } from '../token.ts';
import { compare, load } from './compare.ts';

const connections = 10_000;

/** The same with ten thousand connections in turn, and what the host then holds in memory. */
export const many: Part = {
  cases: ['token-warm-10k', 'token-memory'],
  async run(stage, { report, say }) {
    say(`storing ${connections.toLocaleString('en')} connections`);
    const fill = spawnChild({
      entry: path.join(import.meta.dirname, 'fill.ts'),
      args: [String(connections)],
      env: stage.settings,
      name: 'fill.ts',
    });
    const { aliases } = z.object({ aliases: z.array(z.string()) }).parse(await fill.firstJsonLine());
    await fill.exited;
    const url = tokenUrl(stage);
    const all = aliases.map((alias) => stage.byKey(alias));
    say('asking for each of them once');
    await load({ url, requests: all }, 110, all.length);
    const [ours, peer] = await compare(
      { url, requests: all },
      { url, requests: [stage.byKey(aliases[0] ?? '')] },
    );
    const note = `${connections} connections in turn, against one of them`;
    const ratio = ours.perSecond / peer.perSecond;
    const figure = { bench: 'token', case: 'token-warm-10k', unit: 'requests/s', note };
    report({ ...figure, ours: ours.perSecond, peer: peer.perSecond, ratio });
    const rss = residentMiB(stage.stack.hostPid());
    report({
      bench: 'token',
      case: 'token-memory',
      ours: rss,
      unit: 'MiB',
      note: `RSS of the host that answered for ${connections} connections`,
    });
  },
};

function residentMiB(pid: number | undefined): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) / 1024;
}
