import type { OperationView, RuleView } from '../overview.ts';
import { ruleSentence } from '../words/rule-sentence.ts';
import { moment } from '../words/times.ts';
import { OperationBadge, RuleBadge } from './badge.tsx';
import { Cell, Empty, Moment } from './small-parts.tsx';
import type { View } from './view.ts';

const shownOperations = 5;

/** The rules on changed files, each as a sentence, with what it did last. */
export function RulesSection(props: { rules: readonly RuleView[]; now: number; command: string }): View {
  const { rules, now, command } = props;
  return (
    <section class="section" id="rules" aria-labelledby="rules-title">
      <div class="section-head">
        <h2 id="rules-title">Rules</h2>
        <p>What is done with files as soon as they change.</p>
      </div>
      {rules.length === 0 ? (
        <Empty
          text="No rule yet. A rule waits for a file and moves or renames it. This makes one:"
          command={command}
          note="SESSION is the value of this site's cookie __Host-session in your browser, CSRF is what /api/session shows."
        />
      ) : (
        <div class="stack">
          {rules.map((rule) => (
            <RuleCard rule={rule} now={now} />
          ))}
        </div>
      )}
    </section>
  );
}

function RuleCard({ rule, now }: { rule: RuleView; now: number }): View {
  return (
    <article class="card">
      <div class="card-body">
        <div class="card-head">
          <div class="names">
            <h3>{rule.name}</h3>
            <RuleBadge rule={rule} />
          </div>
        </div>
        <p>
          {ruleSentence(rule).map((part) => (typeof part === 'string' ? part : <code>{part.literal}</code>))}
        </p>
        {rule.problem && (
          <p class="notice bad">
            {rule.problem.message} <code>{rule.problem.code}</code>
          </p>
        )}
        <dl class="facts inline">
          <div>
            <dt>In</dt>
            <dd>{rule.target}</dd>
          </div>
          <div>
            <dt>As</dt>
            <dd>{rule.connection}</dd>
          </div>
          <div>
            <dt>Learns of changes</dt>
            <dd>{watching(rule)}</dd>
          </div>
        </dl>
      </div>
      <div class="card-foot table-wrap">
        {rule.operations.length === 0 ? (
          <p class="card-body muted">No operation yet.</p>
        ) : (
          <table>
            <caption>Last operations of {rule.name}</caption>
            <thead>
              <tr>
                <th scope="col">Operation</th>
                <th scope="col">File</th>
                <th scope="col">From and to</th>
                <th scope="col">When</th>
              </tr>
            </thead>
            <tbody>
              {rule.operations.slice(0, shownOperations).map((operation) => (
                <OperationRow operation={operation} now={now} />
              ))}
            </tbody>
          </table>
        )}
      </div>
    </article>
  );
}

function watching({ enabled, watching: { by, until } }: RuleView): string {
  if (!enabled) return 'not while it is off';
  if (by === 'polling') return 'looks each hour';
  if (by === 'nothing') return 'not yet';
  return until === undefined ? 'told by Microsoft' : `told by Microsoft, renewed before ${moment(until)}`;
}

function OperationRow({ operation, now }: { operation: OperationView; now: number }): View {
  const { id, state, verb, item, from, to, at, error } = operation;
  return (
    <tr>
      <th scope="row">
        <OperationBadge state={state} />
        <span class="sub mono">{id}</span>
      </th>
      <Cell label="File">
        {item}
        <span class="sub">{verb}</span>
      </Cell>
      <Cell label="From, to">
        {(from !== undefined || to !== undefined) && (
          <>
            {from}
            {to !== undefined && <span class="sub">to {to}</span>}
          </>
        )}
        {error && (
          <p class="why">
            {error.message} <code>{error.code}</code>
          </p>
        )}
      </Cell>
      <Cell label="When">
        <Moment at={at} now={now} />
      </Cell>
    </tr>
  );
}
