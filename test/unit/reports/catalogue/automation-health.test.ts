import { automationHealth } from '../../../../src/reports/catalogue/automation-health.ts';
import {
  createReportWorld,
  dayMs,
  type ReportWorld,
  readDrive,
  reportNow,
} from '../../../support/report-world.ts';

const hourMs = 3_600_000;

describe('the health of the automation', () => {
  let world: ReportWorld;
  beforeAll(async () => {
    world = await createReportWorld();
  });
  afterAll(() => world.remove());

  const good = {
    state: 'active',
    expiresAt: reportNow + 10 * dayMs,
    lastReadAt: reportNow - hourMs,
    missedTaps: 0,
  };
  const sources = {
    drives: [readDrive('one')],
    subscriptions: [
      { subscriptionId: 's1', driveId: 'one', ...good },
      { subscriptionId: 's2', driveId: 'two', ...good, state: 'failed' },
      { subscriptionId: 's3', ...good, expiresAt: reportNow },
      { subscriptionId: 's4', ...good, expiresAt: reportNow + dayMs - 1 },
      { subscriptionId: 's5', ...good, expiresAt: reportNow + dayMs },
      { subscriptionId: 's6', ...good, lastReadAt: reportNow - 26 * hourMs, missedTaps: 4 },
      { subscriptionId: 's7', ...good, lastReadAt: null },
      { subscriptionId: 's8', ...good, lastReadAt: reportNow - 26 * hourMs + 1 },
    ],
    rules: [
      { name: 'fine', state: 'on', operations: 12, failures: 0, quarantined: 0 },
      { name: 'bad', state: 'held', operations: 7, failures: 2, quarantined: 1 },
      { name: 'new', state: 'on' },
    ],
    budgets: [
      { tenantId: 't1', unitsUsed: 800, unitsAllowed: 1000, throttled: 0 },
      { tenantId: 't2', unitsUsed: 799, unitsAllowed: 1000, throttled: 0, pausedUntil: reportNow },
      { tenantId: 't3', unitsUsed: 0, unitsAllowed: 0, throttled: 3, pausedUntil: reportNow + 1 },
    ],
  };

  it('names what is wrong with each part, the worst first', async () => {
    const { rows, totals } = await world.make(automationHealth, {}, sources);
    expect(Object.fromEntries(rows.map(({ id, problem }) => [id, problem]))).toEqual({
      s1: null,
      s2: 'notifications could not be asked for',
      s3: 'has ended',
      s4: 'ends soon',
      s5: null,
      s6: 'not read for 26 hours; 4 notifications missed',
      s7: 'never read',
      s8: null,
      fine: null,
      bad: 'is held; 2 operations failed; 1 file held back',
      new: null,
      t1: 'much of the budget is used',
      t2: null,
      t3: 'Microsoft asked to wait; 3 calls told to wait',
    });
    expect(rows.map(({ healthy }) => healthy)).toEqual([...Array(8).fill(false), ...Array(6).fill(true)]);
    expect(rows.find(({ id }) => id === 's1')?.name).toBe('Drive one');
    expect(rows.find(({ id }) => id === 't1')?.share).toBe(80);
    expect(totals).toEqual({ parts: 14, unwell: 8, missed: 4, failed: 2, throttled: 3 });
  });

  it('can leave out what is well, and take other bounds', async () => {
    const { rows } = await world.make(
      automationHealth,
      { onlyProblems: true, lagHours: 100, warnDays: 0, budgetShare: 90 },
      sources,
    );
    expect(rows.map(({ id }) => id).sort()).toEqual(['bad', 's2', 's3', 's6', 's7', 't3']);
  });
});
