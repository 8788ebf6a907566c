import { appCredentials } from '../../../../src/reports/catalogue/app-credentials.ts';
import { people as peopleReport } from '../../../../src/reports/catalogue/people.ts';
import { seeded } from '../../../support/report-drive.ts';
import {
  compareText,
  createReportWorld,
  dayMs,
  type ReportWorld,
  reportNow,
} from '../../../support/report-world.ts';

describe('reports on the directory', () => {
  let world: ReportWorld;
  beforeAll(async () => {
    world = await createReportWorld();
  });
  afterAll(() => world.remove());
  const random = seeded(91);

  const people = Array.from({ length: 120 }, (_, index) => ({
    id: `u${index}`,
    name: ['Ada', 'Ölke', '李'][index % 3] ?? null,
    mail: `u${index}@contoso.com`,
    guest: index % 10 === 0 ? null : index % 4 === 0,
    enabled: index % 9 === 0 ? null : index % 7 !== 0,
    createdAt: reportNow - 1000 * dayMs,
    lastSignIn: random() < 0.2 ? null : reportNow - Math.floor(random() * 400 * dayMs),
  }));
  const stateOf = ({ enabled, lastSignIn }: (typeof people)[number], inactiveDays: number) => {
    if (enabled === false) return 'disabled';
    if (lastSignIn === null) return 'never signed in';
    return Math.floor((reportNow - lastSignIn) / dayMs) >= inactiveDays ? 'inactive' : 'active';
  };

  it.each([30, 90, 365])('tell of people and who has not signed in for %i days', async (inactiveDays) => {
    const { rows, totals } = await world.make(peopleReport, { inactiveDays }, { people });
    const idle = (time: number | null) =>
      time === null ? Number.MAX_SAFE_INTEGER : Math.floor((reportNow - time) / dayMs);
    const expected = [...people].sort(
      (a, b) =>
        idle(b.lastSignIn) - idle(a.lastSignIn) ||
        compareText(a.name ?? '', b.name ?? '') ||
        compareText(a.id, b.id),
    );
    expect(rows.map(({ id, state }) => [id, state])).toEqual(
      expected.map((each) => [each.id, stateOf(each, inactiveDays)]),
    );
    const states = people.map((each) => stateOf(each, inactiveDays));
    expect(totals).toEqual({
      people: 120,
      guests: people.filter(({ guest }) => guest).length,
      inactive: states.filter((state) => state === 'inactive' || state === 'never signed in').length,
      disabled: states.filter((state) => state === 'disabled').length,
    });
  });

  it.each([
    ['inactive', (state: string, _guest: boolean) => state === 'inactive' || state === 'never signed in'],
    ['guests', (_state: string, guest: boolean) => guest],
    ['disabled', (state: string, _guest: boolean) => state === 'disabled'],
  ] as const)('can tell of %s only', async (who, isMeant) => {
    const { rows } = await world.make(peopleReport, { who }, { people });
    const expected = people.filter((each) => isMeant(stateOf(each, 90), each.guest === true));
    expect(rows.map(({ id }) => id).sort()).toEqual(expected.map(({ id }) => id).sort());
  });

  const days = [-400, -0.001, 0, 0.5, 6.99, 7, 29.9, 30, 89.9, 90, 5000, null];
  const apps = days.map((left, index) => ({
    appId: `app${index % 3}`,
    name: index % 3 === 0 ? null : `App ${index % 3}`,
    credentialKind: index % 2 === 0 ? 'secret' : 'certificate',
    credentialId: `c${index}`,
    expiresAt: left === null ? null : Math.round(reportNow + left * dayMs),
  }));

  it('tell which credentials have expired or are about to', async () => {
    const { rows, totals } = await world.make(appCredentials, {}, { apps });
    expect(rows.map(({ credential_id, state, days_left }) => [credential_id, state, days_left])).toEqual([
      ['c0', 'expired', -400],
      ['c1', 'expired', -1],
      ['c2', 'expired', 0],
      ['c3', 'ends within 7 days', 0],
      ['c4', 'ends within 7 days', 6],
      ['c5', 'ends within 30 days', 7],
      ['c6', 'ends within 30 days', 29],
      ['c7', 'later', 30],
      ['c8', 'later', 89],
    ]);
    expect(totals).toEqual({ shown: 9, expired: 3, soon: 4, all: 12 });
    expect(rows[0]?.name).toBe('app0');
  });

  it('can tell of all credentials, or of those only that have not expired', async () => {
    const ids = async (parameters: object) =>
      (await world.make(appCredentials, parameters, { apps })).rows.map(({ credential_id }) => credential_id);
    expect(await ids({ all: true })).toEqual(apps.map(({ credentialId }) => credentialId));
    expect(await ids({ expired: false, within: 7 })).toEqual(['c3', 'c4']);
  });
});
