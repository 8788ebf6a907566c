import type { Part, RunStep } from '../../jobs/run.ts';
import type { RunView } from '../overview.ts';
import { spentWords, stepText, triggerWords } from '../words/job-words.ts';
import { count, countOf, size } from '../words/numbers.ts';
import { clockTime } from '../words/times.ts';
import { RunBadge } from './badge.tsx';
import { type Frame, Layout } from './layout.tsx';
import { RunDeliveries, RunFiles, RunForm } from './run-parts.tsx';
import { tookText } from './runs-table.tsx';
import { Cell, Moment } from './small-parts.tsx';
import type { View } from './view.ts';

export function runTitle(run: Pick<RunView, 'job'>): string {
  return `Run of ${run.job}`;
}

export interface RunPageProps {
  readonly frame: Frame;
  readonly run: RunView;
  readonly steps: readonly { readonly step: RunStep; readonly at: number }[];
  readonly drives: readonly Part[];
  readonly now: number;
  readonly csrf: string;
}

const stepNames: Readonly<Record<RunStep, string>> = {
  plan: 'Drives looked for',
  crawl: 'Drives read',
  gather: 'Other facts gathered',
  report: 'Report made',
  deliver: 'Report delivered',
  done: 'Done',
};

const shownDrives = 200;

/** What one run did, what it found, where its files are, and what can be done about it. */
export function RunPage(props: RunPageProps): View {
  const { frame, run, now, csrf } = props;
  const at = `/runs/${encodeURIComponent(run.id)}`;
  return (
    <Layout frame={frame}>
      <div class="page-head">
        <h1>{runTitle(run)}</h1>
        <p class="small">
          As of {clockTime(now)} · <a href={at}>Refresh</a> · <a href="/#jobs">All jobs</a>
        </p>
      </div>
      <div class="stack">
        <section class="card">
          <div class="card-body">
            <div class="card-head">
              <div class="names">
                <RunBadge state={run.state} />
                <code>{run.id}</code>
              </div>
              <div class="actions">
                {run.canCancel && (
                  <RunForm action={`${at}/cancel`} csrf={csrf} label="Cancel the run" quiet />
                )}
                {run.canRetry && <RunForm action={`${at}/retry`} csrf={csrf} label="Run again" />}
              </div>
            </div>
            {run.error && (
              <p class="notice bad">
                {run.error.message} <code>{run.error.code}</code>
              </p>
            )}
            {run.canCancel && <p>Now: {stepText(run)}.</p>}
            <Facts {...props} />
          </div>
        </section>
        <Findings run={run} />
        {run.files.length > 0 && (
          <section class="card">
            <div class="card-body">
              <h2>Files</h2>
              <RunFiles files={run.files} />
            </div>
          </section>
        )}
        {run.deliveries.length > 0 && <RunDeliveries run={run} now={now} csrf={csrf} />}
        <Drives drives={props.drives} />
      </div>
    </Layout>
  );
}

function Facts({ run, steps, now }: RunPageProps): View {
  const took = tookText(run, now);
  return (
    <dl class="facts">
      <dt>Report</dt>
      <dd>
        <code>{run.report}</code>
      </dd>
      <dt>Begun</dt>
      <dd>
        <Moment at={run.startedAt ?? run.createdAt} now={now} /> {triggerWords[run.trigger]}
        {run.retryOf !== undefined && (
          <>
            , as <a href={`/runs/${encodeURIComponent(run.retryOf)}`}>{run.retryOf}</a> again
          </>
        )}
      </dd>
      {run.dueAt !== undefined && (
        <>
          <dt>Due</dt>
          <dd>
            <Moment at={run.dueAt} now={now} />
          </dd>
        </>
      )}
      {took !== null && (
        <>
          <dt>Took</dt>
          <dd>{took}</dd>
        </>
      )}
      <dt>Read</dt>
      <dd>{countOf(run.progress.items, 'item')}</dd>
      <dt>Cost</dt>
      <dd>{spentWords(run.progress)}</dd>
      {steps.map(({ step, at }) => (
        <>
          <dt>{stepNames[step]}</dt>
          <dd>{step === 'done' ? clockTime(at) : `from ${clockTime(at)} on`}</dd>
        </>
      ))}
    </dl>
  );
}

/** The report in a few words. */
function Findings({ run: { result } }: { run: RunView }): View | null {
  if (!result) return null;
  return (
    <section class="card">
      <div class="card-body">
        <h2>{result.title}</h2>
        {[...result.sentences, ...(result.changes ? [result.changes] : []), result.coverage.line].map(
          (line) => (
            <p>{line}</p>
          ),
        )}
        <dl class="facts inline">
          {result.figures.map(({ title, unit, value }) => (
            <div>
              <dt>{title}</dt>
              <dd>{figure(value, unit)}</dd>
            </div>
          ))}
        </dl>
      </div>
    </section>
  );
}

function figure(value: number | null, unit: string): string {
  if (value === null) return 'nothing to count';
  return unit === 'bytes' ? size(value) : `${count(value)}${unit === 'percent' ? ' %' : ''}`;
}

function Drives({ drives }: { drives: readonly Part[] }): View | null {
  if (drives.length === 0) return null;
  return (
    <div class="card table-wrap">
      <table>
        <caption>
          Drives{drives.length > shownDrives && `, the first ${shownDrives} of ${count(drives.length)}`}
        </caption>
        <thead>
          <tr>
            <th scope="col">Drive</th>
            <th scope="col">Outcome</th>
            <th scope="col">Items</th>
            <th scope="col">Pages</th>
          </tr>
        </thead>
        <tbody>
          {drives.slice(0, shownDrives).map(({ name, outcome, reason, progress }) => (
            <tr>
              <th scope="row">{name}</th>
              <Cell label="Outcome">
                {outcome === 'open' ? 'being read' : outcome}
                {reason !== undefined && <span class="sub">{reason}</span>}
              </Cell>
              <Cell label="Items">{count(progress.items)}</Cell>
              <Cell label="Pages">{count(progress.pages)}</Cell>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
