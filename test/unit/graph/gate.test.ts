import { randomBytes } from 'node:crypto';
import { isAppError } from '../../../src/errors.ts';
import { createGate, type Gate, type Payer } from '../../../src/graph/gate.ts';
import type { Priority } from '../../../src/graph/graph-client.ts';
import { createTestStorage } from '../../support/jobs-world.ts';
import { freshStorage } from '../../support/storage.ts';

const minute = 1250;

async function createHosts(count: number) {
  const storage = createTestStorage(await freshStorage());
  const world = { now: Date.UTC(2026, 2, 2, 12) };
  const hosts = Array.from({ length: count }, () =>
    createGate({
      storage,
      clock: () => world.now,
      random: (n) => randomBytes(n),
      sleep: () => Promise.reject(new Error('nobody waits here')),
    }),
  );
  return Object.assign(world, { hosts });
}

const payer = (priority: Priority = 'reports'): Payer => ({ tenantId: 'tenant-1', appId: 'app-1', priority });

/** True when the call may go now; else the seconds to wait. */
async function mayGo(gate: Gate, units: number, who = payer(), sharing = 0): Promise<true | number> {
  try {
    await gate.enter(who, { units, sharing }, 0);
    return true;
  } catch (error) {
    if (isAppError(error, 'throttled')) return error.retryAfter ?? 0;
    throw error;
  }
}

const headers = (values: Record<string, string>) => new Headers(values);

describe('the gate in front of Graph', () => {
  it('lets two hosts together spend the budget of a minute, and no more in any minute', async () => {
    const world = await createHosts(2);
    const spent: number[] = [];
    for (let second = 0; second < 150; second += 1) {
      let units = 0;
      for (const [index, host] of world.hosts.entries()) {
        const price = index === 0 ? 2 : 5;
        while ((await mayGo(host, price)) === true) units += price;
      }
      spent.push(units);
      world.now += 1000;
    }
    const windows = spent.map((_, from) => spent.slice(from, from + 60).reduce((sum, each) => sum + each, 0));
    expect(Math.max(...windows)).toBeLessThanOrEqual(minute);
    const total = spent.reduce((sum, each) => sum + each, 0);
    expect(total).toBeGreaterThan(minute * 0.9 * 3);
  });

  it('is open again a minute after the last use of a burst', async () => {
    const world = await createHosts(1);
    const [host] = world.hosts as [Gate];
    const burst = async () => {
      let units = 0;
      while ((await mayGo(host, 1)) === true) units += 1;
      return units;
    };
    const first = await burst();
    world.now += 59_000;
    expect(await mayGo(host, 1)).toBeLessThanOrEqual(2);
    world.now += 2_000;
    // What was leased last counts for the time that it could have been used.
    expect(await burst()).toBeGreaterThan(first - 64);
  });

  it('keeps a share for people, and a larger one while somebody is there', async () => {
    const world = await createHosts(2);
    const [host, other] = world.hosts as [Gate, Gate];
    let reports = 0;
    while ((await mayGo(host, 1)) === true) reports += 1;
    expect(reports).toBeGreaterThan(minute * 0.9);
    expect(reports).toBeLessThan(minute);
    expect(await mayGo(other, 1, payer('interactive'))).toBe(true);

    world.now += 90_000;
    reports = 0;
    while ((await mayGo(host, 1)) === true) reports += 1;
    expect(reports).toBeLessThanOrEqual(minute * 0.8);
    let people = 0;
    while ((await mayGo(other, 1, payer('interactive'))) === true) people += 1;
    expect(people).toBeGreaterThanOrEqual(minute * 0.15);
  });

  it('counts shares apart: 300 in five minutes by all hosts', async () => {
    const world = await createHosts(2);
    const [host, other] = world.hosts as [Gate, Gate];
    let shares = 0;
    for (let tries = 0; tries < 400; tries += 1) {
      if ((await mayGo(tries % 2 === 0 ? host : other, 5, payer('interactive'), 1)) === true) shares += 1;
      world.now += 500;
    }
    expect(shares).toBe(300);
    expect(await mayGo(host, 5, payer('interactive'), 0)).toBe(true);
    world.now += 303_000;
    expect(await mayGo(host, 5, payer('interactive'), 1)).toBe(true);
  });

  it('pauses every host for as long as Graph asked, and some more', async () => {
    const world = await createHosts(2);
    const [host, other] = world.hosts as [Gate, Gate];
    await host.pause(payer(), headers({ 'retry-after': '10', 'ratelimit-reset': '31' }));
    expect(await mayGo(host, 1)).toBeGreaterThanOrEqual(31);
    expect(await mayGo(other, 1)).toBeGreaterThanOrEqual(31);
    expect(await mayGo(other, 1, payer('interactive'))).toBeLessThanOrEqual(31 * 1.25 + 1);
    world.now += 40_000;
    expect(await mayGo(other, 1)).toBe(true);
  });

  it('learns a larger budget from the answers', async () => {
    const world = await createHosts(2);
    const [host, other] = world.hosts as [Gate, Gate];
    await host.observe(payer(), headers({ 'ratelimit-limit': '2500', 'ratelimit-remaining': '400' }));
    world.now += 70_000;
    let units = 0;
    while ((await mayGo(other, 1)) === true) units += 1;
    expect(units).toBeGreaterThan(2500 * 0.9);
  });

  it('believes Graph when it says that less is left than the hosts know of', async () => {
    const world = await createHosts(2);
    const [host, other] = world.hosts as [Gate, Gate];
    expect(await mayGo(host, 1)).toBe(true);
    const told = { 'ratelimit-limit': '1250', 'ratelimit-remaining': '200', 'ratelimit-reset': '20' };
    await host.observe(payer(), headers(told));
    let units = 0;
    while ((await mayGo(other, 1)) === true) units += 1;
    expect(units).toBeLessThanOrEqual(200);
    world.now += 21_000;
    expect(await mayGo(other, 100)).toBe(true);
  });

  it('gives back what it leased and did not use', async () => {
    const world = await createHosts(1);
    const [host] = world.hosts as [Gate];
    let used = 0;
    for (let burst = 0; burst < 20; burst += 1) {
      for (let calls = 0; calls < 30; calls += 1) if ((await mayGo(host, 1)) === true) used += 1;
      world.now += 3000;
    }
    expect(used).toBe(600);
    const [spending] = await host.spending('tenant-1');
    expect((spending?.units ?? 0) - used).toBeLessThanOrEqual(64);
  });

  it('says what was spent in a day', async () => {
    const world = await createHosts(1);
    const [host] = world.hosts as [Gate];
    for (let calls = 0; calls < 20; calls += 1) await mayGo(host, 2);
    await host.pause(payer(), headers({ 'retry-after': '5' }));
    const [spending] = await host.spending('tenant-1');
    expect(spending).toMatchObject({ appId: 'app-1', unitsAllowed: 1_200_000, throttled: 1 });
    expect(spending?.units).toBeGreaterThanOrEqual(40);
    expect(spending?.pausedUntil).toBeGreaterThan(world.now);
    world.now += 26 * 60 * 60_000;
    expect((await host.spending('tenant-1'))[0]).toMatchObject({ units: 0, throttled: 0 });
    expect(await host.spending('tenant-2')).toEqual([]);
  });
});
