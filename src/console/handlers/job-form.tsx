import type { Authorize } from '../../api/authorize.ts';
import { maySee } from '../../api/connection-view.ts';
import { readForm } from '../../api/http.ts';
import type { Audit } from '../../broker/audit.ts';
import { auditPerson } from '../../broker/audit-event.ts';
import type { Connections } from '../../broker/connections.ts';
import type { Person } from '../../broker/sessions.ts';
import { AppError, isAppError } from '../../errors.ts';
import { type Problem, reportOf } from '../../jobs/check-definition.ts';
import { jobName } from '../../jobs/job.ts';
import type { Jobs } from '../../jobs/jobs.ts';
import { catalogue } from '../../reports/catalogue/index.ts';
import type { Report } from '../../reports/report.ts';
import { renderPage, seeOther } from '../render-page.tsx';
import { JobFormPage, type JobFormProblems, jobFormTitle } from '../views/job-form-page.tsx';
import { ReportListPage, reportListTitle } from '../views/report-list-page.tsx';
import { definitionOf, fieldOf, freshJobForm, type JobFormValues } from './job-form-input.ts';
import type { PageHandler } from './page-request.ts';

export interface JobFormDeps {
  readonly authorize: Authorize;
  readonly audit: Pick<Audit, 'record'>;
  readonly jobs: Pick<Jobs, 'get' | 'check' | 'put'>;
  readonly connections: Pick<Connections, 'list'>;
}

/** `GET /jobs/new`: the catalogue; with a report in the query, the form. `POST /jobs`: makes the job. */
export function createJobForm(deps: JobFormDeps): { readonly page: PageHandler; readonly make: PageHandler } {
  const { authorize, audit, jobs, connections } = deps;

  async function aliasesOf(person: Person): Promise<string[]> {
    return (await connections.list()).filter((each) => maySee(person, each)).map(({ alias }) => alias);
  }

  /** Its own problems, and those of the definition that it means. */
  async function problemsOf(report: Report, values: JobFormValues, person: Person): Promise<Problem[]> {
    const name = jobName.safeParse(values.name ?? '');
    const problems = (name.error?.issues ?? []).map(({ message }) => ({ path: 'name', message }));
    if (name.success && (await jobs.get(name.data))) problems.push({ path: 'name', message: 'is taken' });
    try {
      await jobs.check(definitionOf(report, values), person);
      return problems;
    } catch (error) {
      if (!isAppError(error, 'invalid_request')) throw error;
      return [...problems, ...((error.details?.problems ?? []) as readonly Problem[])];
    }
  }

  return {
    async page(request, frame) {
      const person = await authorize(request, 'person');
      const asked = request.query.get('report');
      if (asked === null) {
        const body = <ReportListPage frame={{ ...frame, person }} reports={Object.values(catalogue)} />;
        return renderPage(200, { title: reportListTitle, body });
      }
      const report = known(asked);
      const aliases = await aliasesOf(person);
      const body = (
        <JobFormPage
          frame={{ ...frame, person }}
          csrf={person.csrf}
          report={report}
          connections={aliases}
          values={freshJobForm(report, aliases[0] ?? '')}
        />
      );
      return renderPage(200, { title: jobFormTitle, body });
    },

    async make(request, frame) {
      const form = await readForm(request, { limitBytes: 64 * 1024 });
      const person = await authorize(request, 'person', { csrf: form.get('csrf') ?? '' });
      const report = known(request.query.get('report') ?? '');
      const values: JobFormValues = Object.fromEntries(form);
      const problems = await problemsOf(report, values, person);
      if (problems.length > 0) {
        const body = (
          <JobFormPage
            frame={{ ...frame, person }}
            csrf={person.csrf}
            report={report}
            connections={await aliasesOf(person)}
            values={values}
            problems={byField(problems)}
          />
        );
        return renderPage(422, { title: jobFormTitle, body });
      }
      const name = values.name ?? '';
      await audit.record({
        ...{ outcome: 'granted', reason: 'ok', action: 'job.put' },
        ...{ requestId: frame.requestId ?? '', actor: auditPerson(person), target: name },
      });
      await jobs.put(name, definitionOf(report, values), person);
      return seeOther('/#jobs');
    },
  };
}

function known(name: string): Report {
  const report = reportOf(name);
  if (!report) throw new AppError('not_found', 'There is no such report.');
  return report;
}

function byField(problems: readonly Problem[]): JobFormProblems {
  const fields: Record<string, string> = {};
  const others: string[] = [];
  for (const { path, message } of problems) {
    const field = fieldOf(path);
    if (field === undefined) others.push(`${path} ${message}`);
    else fields[field] = field in fields ? `${fields[field]}; ${message}` : message;
  }
  return { fields, others };
}
