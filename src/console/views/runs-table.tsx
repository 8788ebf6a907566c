import type { RunView } from '../overview.ts';
import { spentWords, stepText, triggerWords } from '../words/job-words.ts';
import { countOf } from '../words/numbers.ts';
import { duration } from '../words/times.ts';
import { RunBadge } from './badge.tsx';
import { RunFiles, RunForm } from './run-parts.tsx';
import { Cell, Moment } from './small-parts.tsx';
import type { View } from './view.ts';

/** Runs of a job, newest first. */
export function RunsTable(props: {
  name: string;
  runs: readonly RunView[];
  now: number;
  csrf: string;
}): View {
  return (
    <table>
      <caption>Last runs of {props.name}</caption>
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
        {props.runs.map((run) => (
          <RunRow run={run} now={props.now} csrf={props.csrf} />
        ))}
      </tbody>
    </table>
  );
}

function RunRow({ run, now, csrf }: { run: RunView; now: number; csrf: string }): View {
  const { id, state, startedAt, progress, dueAt, createdAt } = run;
  return (
    <tr>
      <th scope="row">
        <RunBadge state={state} />
        <a class="sub mono" href={`/runs/${encodeURIComponent(id)}`}>
          {id}
        </a>
      </th>
      <Cell label="Started">
        <Moment at={startedAt ?? dueAt ?? createdAt} now={now} />
        <span class="sub">{triggerWords[run.trigger]}</span>
      </Cell>
      <Cell label="Took">{tookText(run, now)}</Cell>
      <Cell label="Read">
        {countOf(progress.items, 'item')}
        <span class="sub">{spentWords(progress)}</span>
      </Cell>
      <Cell label="Result">
        <Result run={run} csrf={csrf} />
      </Cell>
    </tr>
  );
}

export function tookText({ startedAt, finishedAt, state }: RunView, now: number): string | null {
  if (startedAt === undefined) return null;
  if (finishedAt !== undefined) return duration(finishedAt - startedAt);
  return state === 'running' ? `${duration(now - startedAt)} so far` : null;
}

function Result({ run, csrf }: { run: RunView; csrf: string }): View {
  const { error, files, state, result, deliveries, id } = run;
  const at = `/runs/${encodeURIComponent(id)}`;
  const failed = deliveries.filter((delivery) => delivery.state === 'failed');
  return (
    <>
      {error && (
        <p class="why">
          {error.message} <code>{error.code}</code>
        </p>
      )}
      {(state === 'running' || state === 'waiting') && <p class="muted">{stepText(run)}</p>}
      {files.length > 0 && <RunFiles files={files} />}
      {files.length > 0 && result && <span class="sub">{result.coverage.line}</span>}
      {failed.map((delivery) => (
        <>
          <p class="why">
            Did not arrive at {delivery.to}: {delivery.error?.message ?? 'no reason was kept'}
          </p>
          <RunForm
            action={`${at}/deliveries/${delivery.number}/retry`}
            csrf={csrf}
            label="Deliver again"
            quiet
          />
        </>
      ))}
      {state === 'succeeded' && files.length === 0 && <span class="muted">no file</span>}
      {run.canCancel && <RunForm action={`${at}/cancel`} csrf={csrf} label="Cancel" quiet />}
    </>
  );
}
