import type { Policy } from '../../broker/policy.ts';
import { Cell, Scopes } from './small-parts.tsx';
import type { View } from './view.ts';

/** Who is served by a connection. */
export function ConnectionPolicies({ policies }: { policies: readonly Policy[] }): View {
  return (
    <section class="section" aria-labelledby="policies-title">
      <div class="section-head">
        <h2 id="policies-title">Who is served by it</h2>
        <p>The policies that name this connection.</p>
      </div>
      {policies.length === 0 ? (
        <p class="muted">No policy names it: no caller gets anything from it.</p>
      ) : (
        <div class="card table-wrap">
          <table>
            <caption>Policies</caption>
            <thead>
              <tr>
                <th scope="col">Policy</th>
                <th scope="col">Caller</th>
                <th scope="col">Served by</th>
                <th scope="col">Permissions</th>
              </tr>
            </thead>
            <tbody>
              {policies.map((policy) => (
                <tr>
                  <th scope="row">
                    <strong>{policy.name}</strong>
                    {policy.mode === 'audit' && <span class="sub">on trial: grants nothing</span>}
                  </th>
                  <Cell label="Caller">{callerWords(policy)}</Cell>
                  <Cell label="Served by">{policy.grant.delivery.join(', ')}</Cell>
                  <Cell label="Permissions">
                    <Scopes scopes={policy.grant.scopes} />
                  </Cell>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}

function callerWords({ caller }: Policy): View {
  if (caller.kind === 'api_key') {
    return (
      <>
        API key of <span class="mono">{caller.id}</span>
      </>
    );
  }
  if (caller.kind === 'session') return <>Its own person, in the console</>;
  const claims = Object.entries(caller.claims ?? {}).map(
    ([name, value]) => `${name}: ${[value].flat().join(' or ')}`,
  );
  return (
    <>
      {new URL(caller.issuer).host}
      {[[caller.subject ?? []].flat().join(' or '), ...claims].filter(Boolean).map((line) => (
        <span class="sub mono">{line}</span>
      ))}
    </>
  );
}
