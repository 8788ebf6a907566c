import { z } from 'zod';
import { type ViewName, views } from '../columns.ts';
import { sql } from '../data/sql.ts';
import { countText } from '../human.ts';
import { readFiles } from '../pieces.ts';
import { defineReport } from '../report.ts';
import { queryProblem } from '../sql/query-problem.ts';

const example = `SELECT extension, count(*) AS files, sum(size) AS bytes
FROM files
GROUP BY extension
ORDER BY bytes DESC, extension`;

export const query = defineReport({
  name: 'query',
  title: 'Query of your own',
  summary: 'Any SELECT over the documented views, in the SQL of DuckDB.',
  question: 'What else?',
  input: z.strictObject({
    query: z.string().min(1).max(20_000).default(example).describe('one SELECT over the views'),
    timeLimitSeconds: z.int().min(1).max(300).default(60).describe('seconds after which it is stopped'),
    rowLimit: z.int().min(1).max(1_000_000).default(100_000).describe('rows after which it is cut'),
  }),
  needs: readFiles,
  reads: ['items', 'drives'],
  readsFor: ({ query: text }) => viewNames.filter((view) => new RegExp(`\\b${view}\\b`, 'i').test(text)),
  async problem({ query: text }) {
    const message = await queryProblem(text);
    return message === undefined ? undefined : { path: 'query', message };
  },
  async work({ query: text, timeLimitSeconds, rowLimit }, { ask }) {
    const answer = await ask(text, { timeLimitMs: timeLimitSeconds * 1000, rowLimit });
    return {
      columns: answer.columns,
      rows: answer.rows,
      key: [],
      compare: [],
      label: '',
      figures: [{ name: 'rows', title: 'Rows', unit: 'rows', value: sql`count(*)` }],
      sentences: ({ rows = 0 }) => [`The query gave ${countText(rows, 'row')}.`],
      charts: [],
      limits: answer.cut
        ? [`There were more rows: only the first ${countText(rowLimit, 'row')} were taken.`]
        : [],
    };
  },
});

const viewNames = Object.keys(views).filter((name): name is ViewName => Object.hasOwn(views, name));
