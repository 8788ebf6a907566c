import type { HttpRequest } from '@azure/functions';
import { z } from 'zod';
import type { Authorize } from '../../api/authorize.ts';
import { parseWith, readForm, routeParameter } from '../../api/http.ts';
import type { OwnJobs } from '../../api/own-jobs.ts';
import type { Audit } from '../../broker/audit.ts';
import { type AuditAction, auditPerson } from '../../broker/audit-event.ts';
import type { Person } from '../../broker/sessions.ts';
import type { Jobs } from '../../jobs/jobs.ts';
import { runSteps } from '../../jobs/run.ts';
import { toRunView } from '../../jobs/run-views.ts';
import type { Clock } from '../../ports.ts';
import { renderPage, seeOther } from '../render-page.tsx';
import { RunPage, runTitle } from '../views/run-page.tsx';
import type { PageHandler } from './page-request.ts';

export interface RunPagesDeps {
  readonly authorize: Authorize;
  readonly audit: Pick<Audit, 'record'>;
  readonly jobs: Pick<Jobs, 'start' | 'runs'>;
  readonly ownJobs: OwnJobs;
  readonly ports: { readonly clock: Clock };
}

export interface RunPages {
  /** `GET /runs/{id}` */
  readonly page: PageHandler;
  /** `POST /jobs/{name}/runs` */
  readonly start: PageHandler;
  /** `POST /runs/{id}/cancel` */
  readonly cancel: PageHandler;
  /** `POST /runs/{id}/retry` */
  readonly retry: PageHandler;
  /** `POST /runs/{id}/deliveries/{number}/retry` */
  readonly retryDelivery: PageHandler;
}

const deliveryNumber = z.coerce.number().int().min(1).max(1_000);

/** The page of a run, and the buttons that do something to one. Each of them ends on the page of the run. */
export function createRunPages({ authorize, audit, jobs, ownJobs, ports }: RunPagesDeps): RunPages {
  const { runs } = jobs;

  async function pressed(request: HttpRequest): Promise<Person> {
    const form = await readForm(request, { limitBytes: 4 * 1024 });
    return authorize(request, 'person', { csrf: form.get('csrf') ?? '' });
  }

  const record = (action: AuditAction, person: Person, target: string, requestId = '') =>
    audit.record({
      ...{ outcome: 'granted', reason: 'ok' },
      ...{ action, requestId, actor: auditPerson(person), target },
    });

  return {
    async page(request, frame) {
      const person = await authorize(request, 'person');
      const run = await ownJobs.run(routeParameter(request, 'id'), person);
      const [drives, deliveries] = await Promise.all([runs.drives(run.id), runs.deliveries(run.id)]);
      const now = ports.clock();
      const steps = runSteps.flatMap((step) => {
        const at = run.steps[step];
        return at === undefined ? [] : [{ step, at }];
      });
      const body = (
        <RunPage
          frame={{ ...frame, person }}
          run={toRunView(run, { drives, deliveries, now })}
          steps={steps}
          drives={drives}
          now={now}
          csrf={person.csrf}
        />
      );
      return renderPage(200, { title: runTitle(run), body });
    },

    async start(request, { requestId }) {
      const person = await pressed(request);
      const { name } = await ownJobs.job(routeParameter(request, 'name'), person);
      await record('job.run', person, name, requestId);
      return seeOther(pathOf((await jobs.start(name, person.objectId)).id));
    },

    async cancel(request, { requestId }) {
      const person = await pressed(request);
      const { id } = await ownJobs.run(routeParameter(request, 'id'), person);
      await record('run.cancel', person, id, requestId);
      await runs.cancel(id);
      return seeOther(pathOf(id));
    },

    async retry(request, { requestId }) {
      const person = await pressed(request);
      const { id } = await ownJobs.run(routeParameter(request, 'id'), person);
      await record('run.retry', person, id, requestId);
      return seeOther(pathOf((await runs.retry(id, person.objectId)).id));
    },

    async retryDelivery(request, { requestId }) {
      const person = await pressed(request);
      const { id } = await ownJobs.run(routeParameter(request, 'id'), person);
      const given = routeParameter(request, 'number');
      const number = parseWith(deliveryNumber, given, 'The number of the delivery');
      await record('run.retry', person, `${id}/${number}`, requestId);
      await runs.retryDelivery(id, number);
      return seeOther(pathOf(id));
    },
  };
}

function pathOf(run: string): string {
  return `/runs/${encodeURIComponent(run)}`;
}
