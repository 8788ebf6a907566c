import { type Part, tokenUrl } from '../token.ts';

const starts = 3;

/** From the start of a host's process to its first token, the median of a few starts. */
export const cold: Part = {
  cases: ['token-cold'],
  async run(stage, { report, say }) {
    say('cold: a new process of the host, to its first token');
    const { headers, body } = stage.byKey(stage.seeded.connection);
    const times: number[] = [];
    for (let start = 0; start < starts; start += 1) {
      await stage.stack.killHost();
      const startedAt = performance.now();
      await stage.stack.startHost();
      const answer = await fetch(tokenUrl(stage), { method: 'POST', headers, body });
      times.push(performance.now() - startedAt);
      if (answer.status !== 200) throw new Error(`the first token was answered with ${answer.status}`);
      await answer.arrayBuffer();
    }
    const ours = times.toSorted((a, b) => a - b)[Math.floor(starts / 2)] ?? 0;
    report({ bench: 'token', case: 'token-cold', ours, unit: 'ms', note: 'process start to first token' });
  },
};
