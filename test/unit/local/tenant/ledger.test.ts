import { startTestTenant, type TestTenant } from '../../../support/tenant.ts';

describe('the ledger of resource units', () => {
  let tenant: TestTenant;
  beforeAll(async () => {
    tenant = await startTestTenant(['--ru-per-minute', '20']);
  }, 30_000);
  afterAll(() => tenant?.stop());

  it('tells from 80 %, throttles above the limit, charges what it throttles, and reads back what was spent', async () => {
    const answers = [];
    for (let call = 0; call < 12; call += 1) {
      const answer = await tenant.graph(`/drives/${tenant.info.siteDriveId}/root/children`);
      answers.push([
        answer.status,
        answer.headers.get('ratelimit-remaining'),
        answer.headers.get('retry-after'),
      ] as const);
    }
    // Two units a call: the eighth reaches 80 %, the tenth the limit.
    expect(answers.slice(0, 7).map(([, remaining]) => remaining)).toEqual(Array(7).fill(null));
    expect(answers[7]).toEqual([200, '4', null]);
    expect(answers[9]).toEqual([200, '0', null]);
    expect(answers[10]?.[0]).toBe(429);
    expect(Number(answers[10]?.[2])).toBeGreaterThan(0);
    const { value } = (await tenant.control('GET', '/control/ledger')) as {
      value: { spent: number; calls: number; throttled: number }[];
    };
    expect(value[0]).toMatchObject({ spent: 24, calls: 12, throttled: 2 });
  });
});
