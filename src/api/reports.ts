import { z } from 'zod';
import { AppError } from '../errors.ts';
import { reportOf } from '../jobs/check-definition.ts';
import type { Clock, Ports } from '../ports.ts';
import { catalogue } from '../reports/catalogue/index.ts';
import { type View, views } from '../reports/columns.ts';
import { deliveryKinds } from '../reports/deliver/index.ts';
import { parametersSchema } from '../reports/parameters.ts';
import { formats } from '../reports/render/renderer.ts';
import type { Report, ReportColumn } from '../reports/report.ts';
import type { ApiOperation } from './api-operation.ts';
import type { Authorize } from './authorize.ts';
import { type Handler, json, routeParameter, withApiErrors } from './http.ts';
import { listOf } from './list-page.ts';

const columnView = z.object({
  name: z.string(),
  title: z.string(),
  type: z.string(),
  unit: z.string().optional(),
  meaning: z.string(),
});
const jsonSchema = z.record(z.string(), z.unknown());
const reportView = z.object({
  name: z.string(),
  title: z.string(),
  summary: z.string(),
  question: z.string(),
  parameters: jsonSchema.describe('JSON Schema of a job\'s "parameters"'),
  columns: z.array(columnView).describe('With the defaults of the parameters; empty where a query decides'),
  needs: z.array(z.string()).describe('Permissions of Microsoft Graph'),
  reads: z.array(z.string()).describe('Views that it is made of'),
  limits: z.array(z.string()).describe("What it can't see"),
});
const wholeReportView = reportView.extend({
  views: z.record(z.string(), z.object({ summary: z.string(), columns: z.array(z.unknown()) })),
});
const jobKinds = z.object({
  outputs: z.array(z.string()),
  deliveries: z.array(
    z.object({ kind: z.string(), summary: z.string(), input: jsonSchema, needs: z.array(z.string()) }),
  ),
});

export const reportOperations: readonly ApiOperation[] = [
  {
    auth: 'person',
    method: 'GET',
    path: '/api/reports',
    summary: 'Every kind of report with its parameters, columns and permissions, in the order of their value',
    response: listOf(reportView),
  },
  {
    auth: 'person',
    method: 'GET',
    path: '/api/reports/{name}',
    summary: 'One kind of report, with the columns of the views that it, or a query, can read',
    response: wholeReportView,
  },
  {
    auth: 'person',
    method: 'GET',
    path: '/api/job-kinds',
    summary: 'What else a job is made of: forms of its files, and deliveries with their JSON Schemas',
    response: jobKinds,
  },
];

export interface ReportsApi {
  readonly list: Handler;
  readonly get: Handler;
  readonly kinds: Handler;
}

export function createReportsApi(deps: {
  readonly authorize: Authorize;
  readonly ports: Pick<Ports, 'log' | 'random' | 'clock'>;
}): ReportsApi {
  const { authorize, ports } = deps;

  return {
    list: withApiErrors(async (request) => {
      await authorize(request, 'person');
      const value = await Promise.all(Object.values(catalogue).map((report) => toView(report, ports.clock)));
      return json(200, { value });
    }, ports),

    get: withApiErrors(async (request) => {
      await authorize(request, 'person');
      const report = reportOf(routeParameter(request, 'name'));
      if (!report) throw new AppError('not_found', 'There is no such report. GET /api/reports lists them.');
      const readable = Object.entries<View>(views).filter(
        ([name]) => report.readsFor !== undefined || report.reads.some((view) => view === name),
      );
      return json(200, { ...(await toView(report, ports.clock)), views: Object.fromEntries(readable) });
    }, ports),

    kinds: withApiErrors(async (request) => {
      await authorize(request, 'person');
      const deliveries = Object.values(deliveryKinds).map(({ kind, summary, input, needs }) => ({
        kind,
        summary,
        input: z.toJSONSchema(input, { io: 'input', unrepresentable: 'any' }),
        needs,
      }));
      return json(200, { outputs: formats, deliveries });
    }, ports),
  };
}

async function toView(report: Report, clock: Clock): Promise<z.output<typeof reportView>> {
  const { name, title, summary, question, needs, reads, limits } = report;
  return {
    name,
    title,
    summary,
    question,
    parameters: parametersSchema(report),
    columns: (await columnsOf(report, clock)).map((column) => ({ ...column })),
    needs: [...needs],
    reads: [...reads],
    limits: [...(limits ?? [])],
  };
}

/** Of a query nobody knows them before it is asked. */
async function columnsOf(report: Report, clock: Clock): Promise<readonly ReportColumn[]> {
  const defaults = report.input.safeParse({});
  if (!defaults.success || report.readsFor) return [];
  const ask = () => Promise.reject(new Error('only a query asks'));
  return (await report.work(defaults.data, { now: new Date(clock()), ask })).columns;
}
