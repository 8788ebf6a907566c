import { z } from 'zod';
import type { Part } from '../token.ts';
import { identityCalls, setTokenLife } from './tenant-control.ts';

const requests = 500;
const processes = 4;

/** Five hundred requests at once, over four processes, for one connection whose token has just ended. */
export const stampede: Part = {
  cases: ['token-stampede'],
  async run(stage, { report, say }) {
    say(`stampede: ${requests} requests over ${processes} processes on a token that has ended`);
    const { stack } = stage;
    const hosts = [stack.url];
    const more = await Promise.all(Array.from({ length: processes - 1 }, () => stack.addHost()));
    hosts.push(...more.map(({ url }) => url));
    const { headers, body } = stage.byKey(stage.seeded.connection);
    const ask = async (host: string, extra = '') => {
      const answer = await fetch(`${host}/oauth2/token`, { method: 'POST', headers, body: body + extra });
      const text = await answer.text();
      if (answer.status !== 200) throw new Error(`a request was answered with ${answer.status}: ${text}`);
      return z.object({ expires_in: z.number() }).parse(JSON.parse(text)).expires_in;
    };

    await setTokenLife(stack, 12);
    const endsIn = await ask(stack.url, '&force_refresh=true');
    for (const host of hosts) await ask(host);
    await setTokenLife(stack, undefined);
    // Past its end: nothing that any process holds can serve.
    await new Promise((resolve) => setTimeout(resolve, (endsIn + 1) * 1000));
    const before = await identityCalls(stack);
    const startedAt = performance.now();
    const answers = Array.from({ length: requests }, (_, index) => ask(hosts[index % hosts.length] ?? ''));
    await Promise.all(answers);
    const ms = performance.now() - startedAt;
    const ours = (await identityCalls(stack)) - before;
    for (const host of more) await host.stop();
    const note = `token requests at the tenant; all ${requests} answered in ${Math.round(ms)} ms`;
    report({ bench: 'token', case: 'token-stampede', ours, unit: 'calls', note });
  },
};
