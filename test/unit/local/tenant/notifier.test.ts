import { createEndpointHealth } from '../../../../src/local/tenant/graph/subscriptions/endpoint-health.ts';
import { createNotifier } from '../../../../src/local/tenant/graph/subscriptions/notifier.ts';
import { createSubscriptionStore } from '../../../../src/local/tenant/graph/subscriptions/subscription-store.ts';
import { switchesSchema } from '../../../../src/local/tenant/graph/switches.ts';
import { createLedger } from '../../../../src/local/tenant/ledger.ts';
import { waitFor } from '../../../support/wait-for.ts';

const url = 'https://subscriber.example/notify';

describe('how subscribers’ hosts are judged', () => {
  let now: number;
  const limits = () => ({ slowMs: 3000, dropMs: 10_000, stayMs: 600_000, least: 20 });
  const judged = (answers: readonly number[]) => {
    now = 1_000_000;
    const health = createEndpointHealth({ clock: () => now, limits });
    for (const ms of answers) health.record(url, ms);
    return health;
  };
  const fast = (count: number) => Array.from({ length: count }, () => 20);

  it.each([
    ['healthy', [...fast(18), 4000, 4000]],
    ['slow', [...fast(17), 4000, 4000, 4000]],
    ['slow', [...fast(17), 11_000, 11_000, 11_000]],
    ['drop', [...fast(16), 11_000, 11_000, 11_000, 11_000]],
    ['healthy', [4000, 4000, 4000]],
  ])('calls a host %s after answers in %j ms', (state, answers) => {
    expect(judged(answers).stateOf(`${url}?other=query`)).toBe(state);
  });

  it('judges anew after ten minutes', () => {
    const health = judged([...fast(17), 4000, 4000, 4000]);
    now += 600_001;
    expect(health.stateOf(url)).toBe('healthy');
  });
});

describe('notifications', () => {
  const one = {
    id: 'subscription',
    resource: '/drives/d/root',
    target: 'd',
    changeType: 'updated',
    notificationUrl: url,
    lifecycleNotificationUrl: 'https://subscriber.example/lifecycle',
    clientState: 'state',
    expires: Date.UTC(2100, 0),
    appId: 'app',
    tenantId: 'tenant',
    creatorId: 'creator',
    latestSupportedTlsVersion: 'v1_2',
  };
  function make(security: boolean) {
    const sent: { target: string; entry: Record<string, unknown> }[] = [];
    const ledger = createLedger();
    const store = createSubscriptionStore(Date.now, () => undefined);
    store.put({ ...one, security });
    const notifier = createNotifier({
      deliver: async (target, { body }) => {
        sent.push({ target, entry: JSON.parse(body).value[0] });
        return { status: 202, headers: {}, body: '' };
      },
      store,
      switches: switchesSchema.parse({ notificationDebounceMs: 0 }),
      ledger,
      clock: Date.now,
    });
    return { notifier, sent, ledger };
  }

  it('tell of permissions only those who asked for it', async () => {
    const [plain, security] = [make(false), make(true)];
    for (const { notifier } of [plain, security]) notifier.changed('d', true);
    await waitFor(() => security.sent.length === 1);
    plain.notifier.changed('d', false);
    await waitFor(() => plain.sent.length === 1);
    expect(security.sent[0]?.entry).toMatchObject({ resource: 'drives/d/root', clientState: 'state' });
    expect(security.sent[0]?.entry.subscriptionExpirationDateTime).toBe('2100-01-01T00:00:00.0000000Z');
  });

  it('stop after an ignored challenge until the subscriber authorises again, and what was between is lost', async () => {
    const { notifier, sent, ledger } = make(false);
    notifier.challenge({ ...one, security: false }, true);
    await waitFor(() => sent.length === 1);
    expect(sent[0]).toMatchObject({
      target: 'https://subscriber.example/lifecycle',
      entry: { lifecycleEvent: 'reauthorizationRequired', subscriptionId: 'subscription' },
    });
    expect(sent[0]?.entry).not.toHaveProperty('resource');
    notifier.changed('d', false);
    await waitFor(() => ledger.counts().notificationsLost === 1);
    notifier.authorised('subscription');
    notifier.changed('d', false);
    await waitFor(() => sent.length === 2);
  });
});
