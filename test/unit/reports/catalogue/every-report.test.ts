import { catalogue } from '../../../../src/reports/catalogue/index.ts';
import { views } from '../../../../src/reports/columns.ts';
import { sql } from '../../../../src/reports/data/sql.ts';
import { parametersOf, parametersSchema } from '../../../../src/reports/parameters.ts';
import { createReportWorld, type ReportWorld } from '../../../support/report-world.ts';

const reports = Object.values(catalogue);

describe.each(reports)('the report $name', (report) => {
  let world: ReportWorld;
  beforeAll(async () => {
    world = await createReportWorld();
  });
  afterAll(() => world.remove());

  it('says what it answers, what it reads, and what each parameter means, with a default', () => {
    expect(report.summary).toMatch(/^[A-Z].*\.$/);
    expect(report.question).toMatch(/\?$/);
    expect(report.name).toMatch(/^[a-z][a-z-]*[a-z]$/);
    expect(report.reads.filter((view) => !Object.hasOwn(views, view))).toEqual([]);
    for (const { name, meaning, default: value } of parametersOf(report)) {
      expect([name, meaning.length > 5]).toEqual([name, true]);
      expect([name, value]).not.toEqual([name, undefined]);
    }
    expect(parametersSchema(report)).toMatchObject({ type: 'object', additionalProperties: false });
    expect(report.input.safeParse({ 'no such': 1 }).success).toBe(false);
  });

  it('has totals, a picture, and rows that can be told apart in two runs', async () => {
    const context = { now: new Date(0), ask: async () => ({ columns: [], rows: sql`SELECT 1`, cut: false }) };
    const work = await report.work(report.input.parse({}), context);
    expect(work.figures.length).toBeGreaterThan(0);
    for (const { title, unit } of work.figures) expect([title, unit.length > 0]).toEqual([title, true]);
    // Growth is a comparison itself, and what a query gives is only known to who wrote it.
    if (report.name !== 'query') expect(work.charts.length).toBeGreaterThan(0);
    if (!['query', 'growth'].includes(report.name)) expect(work.key.length).toBeGreaterThan(0);
    for (const need of report.needs) expect(need).toMatch(/^[A-Z]\w+\.(Read|ReadBasic|FullControl)\.All$/);
  });

  it('is made of nothing where there is nothing', async () => {
    const made = await world.make(report, {}, {});
    expect(made.rows).toEqual([]);
    expect(made.result.sentences.length).toBeGreaterThan(0);
    expect(made.result.charts).toEqual([]);
    for (const { name, value } of made.result.totals) expect([name, value ?? 0]).toEqual([name, 0]);
  });

  it('has columns with a name, a title and a meaning, each once', async () => {
    const { result } = await world.make(report, {}, {});
    const names = result.columns.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    for (const { name, title, meaning, type, unit } of result.columns) {
      expect(name).toMatch(/^[a-z][a-z0-9_]*$/);
      expect(title.length).toBeGreaterThan(0);
      expect(meaning.length).toBeGreaterThan(2);
      const isOwn = report.name === 'query';
      if (!isOwn && (type === 'integer' || type === 'decimal'))
        expect([name, unit]).not.toEqual([name, undefined]);
    }
  });
});
