import { spawn } from 'node:child_process';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { QueueServiceClient } from '@azure/storage-queue';
import { openWorld, type World } from '../../src/local/demo/world.ts';
import { seed } from '../../src/local/launcher/seed.ts';
import { removeState, startStack } from '../../src/local/launcher/stack.ts';
import type { Bench, BenchOptions } from './figure.ts';
import type { PacedPlan, PacedResult } from './load/paced.ts';

const cases = ['answered', 'storm', 'change-to-done'] as const;

/** The whole product on loopback with one watched drive: notifications under load, a storm, and the way to a moved file. */
export const bench: Bench = {
  summary:
    'notifications answered at 500/s, what a storm of 10,000 costs, a change until its operation is done',
  async run(options) {
    const wanted = cases.filter((name) => options.only.size === 0 || options.only.has(name));
    if (wanted.length === 0) return;
    const folder = await mkdtemp(path.join(tmpdir(), 'graph-valet-notify-'));
    const stack = await startStack({ folder, port: 0 });
    try {
      const world = await openWorld(stack, await seed(stack, path.join(folder, 'seeded.json')));
      const subscription = await world.until('the subscription', async () => {
        const { value } = await world.admin.api<{ value: readonly { id?: string; state: string }[] }>(
          'GET',
          '/api/subscriptions',
        );
        return value.find(({ state }) => state === 'active')?.id;
      });
      const run = {
        answered: () => answered(world, subscription, options),
        storm: () => storm(world, options),
        'change-to-done': () => changeToDone(world, options),
      };
      for (const name of wanted) await run[name]();
    } finally {
      await stack.stop();
      await removeState(folder);
    }
  },
};

async function answered(world: World, subscriptionId: string, { report, say }: BenchOptions): Promise<void> {
  // The secret is wrong, so that no tap is covered by another one and each costs its full check in the queue.
  const body = (id: string) => {
    const entry = { subscriptionId: id, clientState: 'not the secret', changeType: 'updated', resource: 'x' };
    return JSON.stringify({ value: [entry] });
  };
  const plan: PacedPlan = {
    url: `${world.stack.url}/notifications`,
    headers: { 'content-type': 'application/json' },
    bodies: [body(subscriptionId)],
    perSecond: 500,
    seconds: 2,
  };
  await pacedOrFail(plan);
  const one = await pacedOrFail({ ...plan, seconds: 10 });
  await quiet(world);
  say(`${one.requests} notifications at ${one.perSecond.toFixed(0)}/s, worst ${one.worst.toFixed(0)} ms`);
  const facts = { bench: 'notify', unit: 'ms' };
  report({ ...facts, case: 'answered', ours: one.p99, note: 'p99 at 500/s for one drive; must be under 50' });
  report({ ...facts, case: 'answered p50', ours: one.p50 });
  // Nothing can be gathered here: each one is a message of its own.
  const bodies = Array.from({ length: 50 }, (_, i) => body(`${subscriptionId}-${i}`));
  const many = await pacedOrFail({ ...plan, bodies, seconds: 10 });
  await quiet(world);
  report({ ...facts, case: 'answered 50 drives', ours: many.p99, note: 'p99 at 500/s over 50 drives' });
}

async function pacedOrFail(plan: PacedPlan): Promise<PacedResult> {
  const result = await paced(plan);
  const failed = Object.keys(result.failures).length > 0;
  if (failed) throw new Error(`notifications failed under load: ${JSON.stringify(result.failures)}`);
  return result;
}

async function storm(world: World, { report, say }: BenchOptions): Promise<void> {
  const { driveId } = world.person;
  await control(world, 'PUT', '/notifications', { repeat: 100 });
  await control(world, 'DELETE', '/calls');
  for (let i = 0; i < 100; i += 1) {
    await control(world, 'POST', `/drives/${driveId}/changes`, { create: 1 });
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
  await control(world, 'PUT', '/notifications', {});
  await quiet(world);
  const { counts, counters } = (await control(world, 'GET', '/calls')) as CallCounts;
  const reads = Object.entries(counts.graph ?? {})
    .filter(([label]) => label.includes('delta'))
    .flatMap(([, statuses]) => Object.values(statuses))
    .reduce((sum, count) => sum + count, 0);
  say(`notifications that the tenant counted: ${JSON.stringify(counters ?? {})}`);
  report({
    bench: 'notify',
    case: 'storm',
    ours: reads,
    unit: 'delta calls',
    note: '10,000 taps in 25 s on one drive',
  });
}

async function changeToDone(world: World, { report }: BenchOptions): Promise<void> {
  const { access_token: token } = await world.token({ audience: world.seeded.connection });
  const drive = `/drives/${world.person.driveId}`;
  const times: number[] = [];
  for (let i = 0; i < 30; i += 1) {
    const name = `Bench ${i}.docx`;
    const put = await world.graph(token, `${drive}/root:/Inbox/${encodeURIComponent(name)}:/content`, {
      method: 'PUT',
      body: 'PK a document of the bench',
    });
    if (!put.ok) throw new Error(`the document could not be put (${put.status})`);
    const at = performance.now();
    const filed = `${drive}/root:/Filed/${new Date().getUTCFullYear()}/${encodeURIComponent(name)}`;
    await world.until(name, async () => ((await world.graph(token, filed)).ok ? true : undefined));
    times.push(performance.now() - at);
  }
  const sorted = times.toSorted((a, b) => a - b);
  const facts = { bench: 'notify', unit: 's' };
  report({ ...facts, case: 'change to done p50', ours: (sorted[15] ?? 0) / 1000 });
  report({ ...facts, case: 'change to done p95', ours: (sorted[28] ?? 0) / 1000, note: 'must be under 3' });
}

interface CallCounts {
  readonly counts: Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, number>>>>>>;
  readonly counters?: unknown;
}

async function control(world: World, method: string, at: string, body?: unknown): Promise<unknown> {
  const answer = await fetch(`${world.stack.tenant.controlUrl}/control${at}`, {
    method,
    headers: { 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${method} ${at} was answered ${answer.status}: ${text}`);
  return text === '' ? undefined : JSON.parse(text);
}

/** Until the queues are empty for two looks in a row. */
async function quiet(world: World): Promise<void> {
  const service = QueueServiceClient.fromConnectionString(world.stack.storageConnection);
  let empty = 0;
  await world.until(
    'the queues to be empty',
    async () => {
      const waiting = await Promise.all(
        ['drains', 'operations'].map(
          async (name) => (await service.getQueueClient(name).getProperties()).approximateMessagesCount ?? 0,
        ),
      );
      empty = waiting.every((count) => count === 0) ? empty + 1 : 0;
      return empty >= 2 ? true : undefined;
    },
    240,
  );
}

async function paced(plan: PacedPlan): Promise<PacedResult> {
  const child = spawn(process.execPath, [path.join(import.meta.dirname, 'load/paced.ts')], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  child.stdin.end(JSON.stringify(plan));
  const chunks: Buffer[] = [];
  for await (const chunk of child.stdout) chunks.push(chunk);
  return JSON.parse(Buffer.concat(chunks).toString()) as PacedResult;
}
