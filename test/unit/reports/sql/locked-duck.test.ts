import { existsSync } from 'node:fs';
import path from 'node:path';
import { openDuck, type ReportDuck } from '../../../../src/reports/data/duck.ts';
import { sql } from '../../../../src/reports/data/sql.ts';
import { createReportWorld, type ReportWorld } from '../../../support/report-world.ts';

/** The second wall: what would happen to a query that got past the check of its text. */
describe('the database that a user asks', () => {
  let world: ReportWorld;
  let duck: ReportDuck;
  let parquet: string;

  beforeAll(async () => {
    world = await createReportWorld();
    parquet = await world.items([]);
    const file = path.join(world.folder, 'asked.duckdb');
    const made = await openDuck({ file, folder: world.folder, memoryLimitMb: 100 });
    await made.run(sql`CREATE TABLE files AS SELECT 1 AS n`);
    made.close();
    const folder = path.join(world.folder, 'asked');
    duck = await openDuck({ file, folder, memoryLimitMb: 100, locked: true });
  });
  afterAll(async () => {
    duck.close();
    await world.remove();
  });

  it('answers a SELECT over its tables', async () => {
    expect(await duck.rows(sql`SELECT n FROM files`)).toEqual([[1]]);
  });

  it.each([
    "SELECT * FROM read_parquet('{parquet}')",
    "SELECT * FROM '{parquet}'",
    "SELECT * FROM read_text('/etc/passwd')",
    "SELECT * FROM read_csv('/etc/passwd')",
    "SELECT * FROM glob('/etc/*')",
    "COPY files TO '{out}'",
    "EXPORT DATABASE '{out}'",
    "ATTACH '{out}' AS other",
    'CREATE TABLE more AS SELECT 1',
    'CREATE OR REPLACE VIEW files AS SELECT 2',
    'INSERT INTO files VALUES (2)',
    'DROP TABLE files',
    'INSTALL httpfs',
    "LOAD '{out}'",
    'SET enable_external_access = true',
    "SET memory_limit = '90GB'",
    'SET lock_configuration = false',
    "SET temp_directory = '/'",
    'RESET memory_limit',
  ])('refuses %s', async (text) => {
    const out = path.join(world.folder, 'out');
    const given = text.replace('{parquet}', parquet).replace('{out}', out);
    await expect(duck.rows({ text: given })).rejects.toBeDefined();
    expect(existsSync(out)).toBe(false);
    expect(await duck.rows(sql`SELECT n FROM files`)).toEqual([[1]]);
  });
});
