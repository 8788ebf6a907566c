import type { JobView } from '../overview.ts';
import { estimateWords, notRunWords } from '../words/job-words.ts';
import { scheduleWords } from '../words/schedule-words.ts';
import { JobBadge } from './badge.tsx';
import { RunForm } from './run-parts.tsx';
import { RunsTable } from './runs-table.tsx';
import { Empty, Moment } from './small-parts.tsx';
import type { View } from './view.ts';

/** The scheduled reports: when each runs next, what it will cost, and what its last runs came to. */
export function JobsSection(props: {
  jobs: readonly JobView[];
  now: number;
  command: string;
  csrf: string;
}): View {
  const { jobs, now, command, csrf } = props;
  return (
    <section class="section" id="jobs" aria-labelledby="jobs-title">
      <div class="section-head">
        <h2 id="jobs-title">Jobs</h2>
        <p>
          Reports on OneDrive and SharePoint files, made on a schedule. <a href="/jobs/new">New job</a>
        </p>
      </div>
      {jobs.length === 0 ? (
        <Empty
          text="No job yet. A job reads drives on a schedule, makes a report of them and delivers it. This makes one:"
          command={command}
          note="SESSION is the value of this site's cookie __Host-session in your browser, CSRF is what /api/session shows."
        />
      ) : (
        <div class="stack">
          {jobs.map((job) => (
            <JobCard job={job} now={now} csrf={csrf} />
          ))}
        </div>
      )}
    </section>
  );
}

function JobCard({ job, now, csrf }: { job: JobView; now: number; csrf: string }): View {
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
          <RunForm action={`/jobs/${job.name}/runs`} csrf={csrf} label="Run now" quiet />
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
            <dt>Makes</dt>
            <dd>{job.outputs.join(', ')}</dd>
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
          {job.estimate && (
            <div>
              <dt>Will cost</dt>
              <dd>
                {job.estimate.text}
                <span class="sub">{estimateWords(job.estimate)}</span>
              </dd>
            </div>
          )}
        </dl>
        <NotRun job={job} now={now} />
      </div>
      <div class="card-foot table-wrap">
        {job.runs.length === 0 ? (
          <p class="card-body muted">No run yet.</p>
        ) : (
          <RunsTable name={job.name} runs={job.runs} now={now} csrf={csrf} />
        )}
      </div>
    </article>
  );
}

/** Due times that came to no run: each is told, so that nobody has to ask where it went. */
function NotRun({ job, now }: { job: JobView; now: number }): View | null {
  if (job.notRun.length === 0) return null;
  return (
    <ul class="plain">
      {job.notRun.map(({ dueAt, reason }) => (
        <li class="small">
          Did not run at <Moment at={dueAt} now={now} timeZone={job.timeZone} plain />: {notRunWords[reason]}.
        </li>
      ))}
    </ul>
  );
}
