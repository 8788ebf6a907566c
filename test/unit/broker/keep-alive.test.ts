import type { Connection } from '../../../src/broker/connections.ts';
import type { IssuedToken } from '../../../src/broker/issued-token.ts';
import { createKeepAlive } from '../../../src/broker/keep-alive.ts';
import { AppError } from '../../../src/errors.ts';
import { type BrokerStage, createBrokerStage } from '../../support/broker-stage.ts';

const hour = 3_600_000;
const day = 24 * hour;

describe('keeping sign-ins alive', () => {
  let stage: BrokerStage;
  beforeAll(async () => {
    stage = await createBrokerStage();
  });
  afterAll(() => stage.stop());
  beforeEach(() => stage.heal());

  it('uses the refresh token of an idle connection, and asks nothing for those that are not due, dead or app-only', async () => {
    const idle = await stage.connect('emma.larsen');
    const dead = await stage.connect('farid.haddad');
    await stage.broker.connections.setHealth(dead.id, 'needs_sign_in');
    await stage.broker.connectTenant({
      alias: 'contoso',
      tenantId: stage.info.tenantId,
      permissions: ['User.Read.All'],
      createdBy: stage.person('admin').id,
    });
    await stage.control('DELETE', '/calls');
    stage.time.offset = 4 * day;
    await stage.broker.keepAlive();
    expect(await stage.asked()).toBe(0);

    stage.time.offset = 7 * day;
    await stage.instance().broker.keepAlive();
    expect(await stage.asked()).toBe(1);
    const after = await stage.broker.connections.get(idle.id);
    expect(after?.lastTokenAt).toBeGreaterThan((idle.lastTokenAt ?? 0) + 6 * day);
    await stage.broker.keepAlive();
    expect(await stage.asked()).toBe(1);
  });

  it('marks one that Microsoft no longer accepts, once', async () => {
    const connection = await stage.connect('emma.larsen');
    await stage.control('DELETE', '/calls');
    await stage.fault({
      listener: 'login',
      path: '/*/oauth2/v2.0/token',
      times: 1,
      // biome-ignore lint/suspicious/noThenProperty: a rule is never awaited, and its `then` is no function
      then: { status: 400, body: { error: 'invalid_grant', error_codes: [700082] } },
    });
    stage.time.offset += 7 * day;
    await stage.broker.keepAlive();
    await stage.broker.keepAlive();
    expect((await stage.broker.connections.get(connection.id))?.health).toBe('needs_sign_in');
    // The second call would have been answered with a token.
    expect(await stage.asked()).toBe(0);
  });

  /** Many connections that were last refreshed at the same moment, and a clock that is turned. */
  function many(count: number, fails: (connection: Connection) => AppError | undefined = () => undefined) {
    let now = 0;
    const used = new Map<string, number[]>();
    const all = new Map<string, Connection>();
    for (let i = 0; i < count; i += 1) {
      const id = `con_${i}`;
      const tenantId = `tenant-${i % 2}`;
      const facts = { scopes: [], createdAt: 0, createdBy: 'x', lastTokenAt: 0, epoch: 1 };
      all.set(id, { ...facts, id, kind: 'user', alias: id, tenantId, health: 'active' });
      used.set(id, [0]);
    }
    const keepAlive = createKeepAlive({
      connections: { list: async () => [...all.values()] },
      async getToken({ connectionId }) {
        const connection = all.get(connectionId);
        const error = connection && fails(connection);
        if (!connection || error) throw error ?? new Error('unknown');
        used.get(connectionId)?.push(now);
        all.set(connectionId, { ...connection, lastTokenAt: now });
        return {} as IssuedToken;
      },
      leases: {
        take: async () => ({ fence: 1, renew: async () => true, release: async () => {} }),
        forgetAll: async () => {},
      },
      ports: { clock: () => now, log: { info() {}, warn() {}, error() {} } },
    });
    return {
      used,
      async tick(atHour: number) {
        now = atHour * hour;
        const before = [...used.values()].flat().length;
        await keepAlive();
        return [...used.values()].flat().length - before;
      },
    };
  }

  it('uses each at least every seven days, and never many at once', async () => {
    const stageOfMany = many(300);
    const loads: number[] = [];
    for (let at = 1; at <= 21 * 24; at += 1) loads.push(await stageOfMany.tick(at));
    for (const times of stageOfMany.used.values()) {
      const gaps = times.slice(1).map((time, index) => time - (times[index] ?? 0));
      expect(Math.max(...gaps)).toBeLessThan(7 * day);
      expect(Math.min(...gaps)).toBeGreaterThan(4 * day);
      expect(times.length).toBeGreaterThanOrEqual(3);
    }
    expect(Math.max(...loads)).toBeLessThan(30);
  });

  it('does not let a tenant that is throttled, or accounts that fail, stand before the others', async () => {
    const throttled = new AppError('throttled', 'wait', { retryable: true, retryAfter: 60 });
    const stageOfMany = many(40, ({ tenantId, id }) => {
      if (tenantId === 'tenant-1') return throttled;
      return id.endsWith('4') ? new AppError('interaction_required', 'a person') : undefined;
    });
    for (let at = 6 * 24; at <= 8 * 24; at += 1) await stageOfMany.tick(at);
    const idle = [...stageOfMany.used]
      .filter(([, times]) => times.length === 1)
      .map(([id]) => Number(id.slice(4)));
    expect(idle.every((number) => number % 2 === 1 || number % 10 === 4)).toBe(true);
  });
});
