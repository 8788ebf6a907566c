import { randomBytes } from 'node:crypto';
import { readBatch } from '../../../src/graph/batch.ts';
import { createGraph } from '../../../src/graph/client.ts';
import { createMeter } from '../../../src/graph/meter.ts';
import { priceOf } from '../../../src/graph/price.ts';
import { createTestStorage } from '../../support/jobs-world.ts';
import { freshStorage } from '../../support/storage.ts';

/** A client over scripted answers; each is used once, the last one for ever. */
async function createWire(...answers: ((request: Request) => Response)[]) {
  const requests: Request[] = [];
  const slept: number[] = [];
  const world = { now: Date.UTC(2026, 2, 2, 12) };
  const silent = () => undefined;
  const graph = createGraph({
    graphUrl: 'https://graph.test',
    storage: createTestStorage(await freshStorage()),
    sleep: async (ms) => {
      slept.push(ms);
      world.now += ms;
    },
    ports: {
      clock: () => world.now,
      random: (n) => randomBytes(n),
      log: { info: silent, warn: silent, error: silent },
      fetch: async (address, init) => {
        const request = new Request(address, init);
        requests.push(request.clone());
        const answer = answers.length > 1 ? answers.shift() : answers[0];
        if (!answer) throw new Error('there is no answer');
        return answer(request);
      },
    },
  });
  const meter = createMeter();
  const payer = { tenantId: 'tenant-1', appId: 'app-1', priority: 'reports', meter } as const;
  return { client: graph.for(async () => 'token', payer), graph, meter, requests, slept };
}

const json = (body: unknown, status = 200, headers: Record<string, string> = {}) =>
  new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json', ...headers } });

describe('the price of a call', () => {
  const price = (method: string, path: string, body?: unknown) =>
    priceOf(method, `https://graph.test/v1.0${path}`, body);

  it.each([
    ['GET', '/drives/d/items/i', 1],
    ['GET', '/drives/d/items/i/content', 1],
    ['GET', '/drives/d/root/delta?$top=1000', 2],
    ['GET', '/drives/d/root/delta?token=abc', 1],
    ['GET', "/drives/d/root/delta(token='abc')", 1],
    ['GET', '/drives/d/root/children', 2],
    ['GET', '/drives/d/items/i/versions?$select=id', 2],
    ['GET', '/sites/getAllSites?$select=id', 2],
    ['PATCH', '/drives/d/items/i', 2],
    ['GET', '/drives/d/items/i/permissions', 5],
    ['GET', '/drives/d/items/i?$expand=permissions', 5],
    ['POST', '/drives/d/items/i/createLink', 5],
  ] as const)('%s %s is %d', (method, path, units) => {
    expect(price(method, path).units).toBe(units);
  });

  it('is told apart for what shares something', () => {
    expect(price('POST', '/drives/d/items/i/createLink').sharing).toBe(1);
    expect(price('POST', '/drives/d/items/i/invite').sharing).toBe(1);
    expect(price('DELETE', '/drives/d/items/i/permissions/p').sharing).toBe(1);
    expect(price('GET', '/drives/d/items/i/permissions').sharing).toBe(0);
  });

  it('of a batch is that of its members', () => {
    const requests = [
      { method: 'GET', url: '/drives/d/items/i/permissions' },
      { method: 'GET', url: 'drives/d/items/i/versions' },
      { method: 'POST', url: '/drives/d/items/i/createLink' },
    ];
    expect(price('POST', '/$batch', { requests })).toEqual({ units: 12, sharing: 1 });
  });
});

describe('the way to Graph', () => {
  it('names the app as Microsoft asks, and each call by a number', async () => {
    const { client, requests } = await createWire(() => json({ id: '1' }));
    await client.call({ path: '/me' });
    expect(requests[0]?.headers.get('user-agent')).toMatch(/^NONISV\|GraphValet\|GraphValet\/\d/);
    expect(requests[0]?.headers.get('client-request-id')).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('tells a meter of every try', async () => {
    const { client, meter } = await createWire(
      () => json({}, 429, { 'retry-after': '1' }),
      () => json({ id: '1' }),
    );
    await client.call({ path: '/drives/d/items/i/permissions' });
    expect(meter).toMatchObject({ calls: 2, units: 10, throttled: 1 });
  });

  it('waits when one of a batch was refused for load, though the batch was answered', async () => {
    const refused = { id: '2', status: 429, headers: { 'Retry-After': '7' }, body: {} };
    const { client, meter, slept } = await createWire(
      () => json({ responses: [refused, { id: '1', status: 200, headers: {}, body: { value: [] } }] }),
      () => json({ responses: [{ id: '1', status: 200, body: { value: [] } }] }),
    );
    const answers = await readBatch(client, [
      '/drives/d/items/1/permissions',
      '/drives/d/items/2/permissions',
    ]);
    expect(answers.map(({ status }) => status)).toEqual([200, 429]);
    await readBatch(client, ['/drives/d/items/2/permissions']);
    expect(slept.reduce((sum, ms) => sum + ms, 0)).toBeGreaterThanOrEqual(7000);
    expect(meter).toMatchObject({ calls: 2, units: 15, throttled: 1 });
  });

  it('asks again when no answer came, also by a batch that only reads', async () => {
    const answer = () => json({ responses: [{ id: '1', status: 200, body: {} }] });
    const broken = () => {
      throw new TypeError('fetch failed');
    };
    const reading = await createWire(broken, answer);
    expect(await readBatch(reading.client, ['/me'])).toMatchObject([{ status: 200 }]);
    const writing = await createWire(broken, answer);
    const requests = [{ id: '1', method: 'POST', url: '/drives/d/items/i/createLink', body: {} }];
    await expect(
      writing.client.call({ method: 'POST', path: '/$batch', body: { requests } }),
    ).rejects.toMatchObject({ code: 'upstream_unavailable' });
  });

  it('asks again when an answer is cut off', async () => {
    const cut = () => new Response('{"id":"1","na', { headers: { 'content-type': 'application/json' } });
    const { client, requests } = await createWire(cut, () => json({ id: '1' }));
    expect((await client.call({ path: '/me' })).body).toEqual({ id: '1' });
    expect(requests).toHaveLength(2);
  });
});
