import type { JobView, RunView } from '../overview.ts';
import { count, countOf, size } from '../words/numbers.ts';
import { scheduleWords } from '../words/schedule-words.ts';
import { duration } from '../words/times.ts';
import { JobBadge, RunBadge } from './badge.tsx';
import { Cell, DataLink, Empty, Moment } from './small-parts.tsx';
import type { View } from './view.ts';

const shownRuns = 5;

const triggers: Readonly<Record<RunView['trigger'], string>> = {
  schedule: 'by schedule',
  person: 'by a person',
  api: 'by the API',
};

/** The scheduled reports: when each runs next, and what its last runs came to. */
export function JobsSection(props: { jobs: readonly JobView[]; now: number; command: string }): View {
  const { jobs, now, command } = props;
  return (
    <section class="section" id="jobs" aria-labelledby="jobs-title">
      <div class="section-head">
        <h2 id="jobs-title">Jobs</h2>
        <p>Reports on OneDrive and SharePoint files, made on a schedule.</p>
      </div>
      {jobs.length === 0 ? (
        <Empty
          text="No job yet. A job reads a drive on a schedule and puts a report into a folder. This makes one:"
          command={command}
          note="SESSION is the value of this site's cookie __Host-session in your browser, CSRF is what /api/session shows."
        />
      ) : (
        <div class="stack">
          {jobs.map((job) => (
            <JobCard job={job} now={now} />
          ))}
        </div>
      )}
    </section>
  );
}

function JobCard({ job, now }: { job: JobView; now: number }): View {
  const words = scheduleWords(job.schedule);
  return (
    <article class="card">
      <div class="card-body">
        <div class="card-head">
          <div class="names">
            <h3>{job.name}</h3>
            <JobBadge enabled={job.enabled} />
          </div>
          <code>{job.report}</code>
        </div>
        <dl class="facts inline">
          <div>
            <dt>Reads</dt>
            <dd>{job.target}</dd>
          </div>
          <div>
            <dt>As</dt>
            <dd>{job.connection}</dd>
          </div>
          <div>
            <dt>Delivers to</dt>
            <dd>{job.delivery}</dd>
          </div>
          <div>
            <dt>Schedule</dt>
            <dd>
              {words ?? <code>{job.schedule}</code>}, {job.timeZone}
            </dd>
          </div>
          <div>
            <dt>Next run</dt>
            <dd>
              {job.enabled && job.nextDueAt !== undefined ? (
                <Moment at={job.nextDueAt} now={now} timeZone={job.timeZone} />
              ) : (
                'not planned'
              )}
            </dd>
          </div>
        </dl>
      </div>
      <div class="card-foot table-wrap">
        {job.runs.length === 0 ? (
          <p class="card-body muted">No run yet.</p>
        ) : (
          <table>
            <caption>Last runs of {job.name}</caption>
            <thead>
              <tr>
                <th scope="col">Run</th>
                <th scope="col">Started</th>
                <th scope="col">Took</th>
                <th scope="col">Read</th>
                <th scope="col">Result</th>
              </tr>
            </thead>
            <tbody>
              {job.runs.slice(0, shownRuns).map((run) => (
                <RunRow run={run} now={now} />
              ))}
            </tbody>
          </table>
        )}
      </div>
    </article>
  );
}

function RunRow({ run, now }: { run: RunView; now: number }): View {
  const { id, state, step, startedAt, finishedAt, progress, dueAt } = run;
  const begun = startedAt ?? dueAt;
  return (
    <tr>
      <th scope="row">
        <RunBadge state={state} />
        <span class="sub mono">{id}</span>
      </th>
      <Cell label="Started">
        {begun === undefined ? null : (
          <>
            <Moment at={begun} now={now} />
            <span class="sub">{triggers[run.trigger]}</span>
          </>
        )}
      </Cell>
      <Cell label="Took">
        {startedAt === undefined
          ? null
          : finishedAt !== undefined
            ? duration(finishedAt - startedAt)
            : state === 'running'
              ? `${duration(now - startedAt)} so far`
              : null}
      </Cell>
      <Cell label="Read">
        {progress && (
          <>
            {countOf(progress.items, 'item')}
            <span class="sub">
              {progress.pages !== undefined && `${countOf(progress.pages, 'page')}, `}
              {countOf(progress.calls, 'call')}
            </span>
          </>
        )}
      </Cell>
      <Cell label="Result">
        <Result run={run} step={step} />
      </Cell>
    </tr>
  );
}

function Result({ run, step }: { run: RunView; step: string | undefined }): View {
  const { error, file, state } = run;
  if (error) {
    return (
      <p class="why">
        {error.message} <code>{error.code}</code>
      </p>
    );
  }
  if (file) {
    const facts = [
      file.rows !== undefined && `${count(file.rows)} rows`,
      file.size !== undefined && size(file.size),
    ].filter((fact) => fact !== false);
    return (
      <>
        <DataLink href={file.href}>{file.name}</DataLink>
        {facts.length > 0 && <span class="sub">{facts.join(', ')}</span>}
      </>
    );
  }
  if (state === 'running') return <span class="muted">{step ?? 'at work'}</span>;
  return <span class="muted">no file</span>;
}
