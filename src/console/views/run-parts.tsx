import type { DeliveryView, RunView } from '../overview.ts';
import { count, size } from '../words/numbers.ts';
import { DeliveryBadge } from './badge.tsx';
import { Cell, DataLink, Moment } from './small-parts.tsx';
import type { View } from './view.ts';

/** The files of a run, to download. */
export function RunFiles({ files }: { files: RunView['files'] }): View {
  return (
    <ul class="plain">
      {files.map(({ name, href, size: bytes, rows }) => (
        <li>
          <DataLink href={href}>{name}</DataLink>
          <span class="sub">
            {count(rows)} rows, {size(bytes)}
          </span>
        </li>
      ))}
    </ul>
  );
}

/** One button that does something to a run; it works without a script. */
export function RunForm(props: { action: string; csrf: string; label: string; quiet?: boolean }): View {
  return (
    <form method="post" action={props.action}>
      <input type="hidden" name="csrf" value={props.csrf} />
      <button class={props.quiet ? 'quiet' : undefined} type="submit">
        {props.label}
      </button>
    </form>
  );
}

/** Where the files went, what failed and why, with a button for each that failed. */
export function RunDeliveries(props: {
  run: Pick<RunView, 'id' | 'deliveries'>;
  now: number;
  csrf: string;
}): View {
  const { run, now, csrf } = props;
  return (
    <div class="card table-wrap">
      <table>
        <caption>Deliveries of {run.id}</caption>
        <thead>
          <tr>
            <th scope="col">Delivery</th>
            <th scope="col">To</th>
            <th scope="col">Arrived</th>
            <th scope="col">What is wrong</th>
          </tr>
        </thead>
        <tbody>
          {run.deliveries.map((delivery) => (
            <tr>
              <th scope="row">
                <DeliveryBadge state={delivery.state} />
                <span class="sub">{delivery.kind}</span>
              </th>
              <Cell label="To">{delivery.to}</Cell>
              <Cell label="Arrived">
                <Arrived delivery={delivery} />
              </Cell>
              <Cell label="What is wrong">
                <Wrong run={run.id} delivery={delivery} now={now} csrf={csrf} />
              </Cell>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Arrived({ delivery }: { delivery: DeliveryView }): View | null {
  if (delivery.arrived.length === 0) return null;
  return (
    <ul class="plain">
      {delivery.arrived.map(({ where, webUrl }) => (
        <li>
          <DataLink href={webUrl}>{where}</DataLink>
        </li>
      ))}
    </ul>
  );
}

function Wrong(props: { run: string; delivery: DeliveryView; now: number; csrf: string }): View | null {
  const { run, delivery, now, csrf } = props;
  const { error, state, nextTryAt, number } = delivery;
  if (!error) return null;
  return (
    <>
      <p class="why">
        {error.message} <code>{error.code}</code>
      </p>
      {state === 'waiting' && nextTryAt !== undefined && (
        <p class="small">
          Next try <Moment at={nextTryAt} now={now} />
        </p>
      )}
      {state === 'failed' && (
        <RunForm
          action={`/runs/${encodeURIComponent(run)}/deliveries/${number}/retry`}
          csrf={csrf}
          label="Try again"
          quiet
        />
      )}
    </>
  );
}
