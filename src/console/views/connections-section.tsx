import { connectPath } from '../../broker/flows/return-to.ts';
import type { ConnectionView } from '../overview.ts';
import { HealthBadge } from './badge.tsx';
import { Cell, Empty, Moment, Scopes } from './small-parts.tsx';
import type { View } from './view.ts';

/** The stored rights to act on Graph and how they are. */
export function ConnectionsSection(props: {
  readonly connections: readonly ConnectionView[];
  readonly own: boolean;
  /** Personal Microsoft accounts may be connected too. */
  readonly personal: boolean;
  readonly now: number;
}): View {
  const { connections, own, personal, now } = props;
  return (
    <section class="section" id="connections" aria-labelledby="connections-title">
      <div class="section-head">
        <h2 id="connections-title">{own ? 'Your connections' : 'Connections'}</h2>
        <p>The stored rights to act on Microsoft Graph.</p>
      </div>
      {connections.length === 0 ? (
        <Empty text="No connection yet. Signing in makes one for you; a consent link makes one for an organisation.">
          <div class="actions">
            <a class="button quiet" href="/auth/sign-in">
              Sign in again
            </a>
          </div>
        </Empty>
      ) : (
        <div class="card table-wrap">
          <table>
            <caption>Connections</caption>
            <thead>
              <tr>
                <th scope="col">Connection</th>
                <th scope="col">State</th>
                <th scope="col">Acts as</th>
                <th scope="col">Permissions</th>
                <th scope="col">Last token</th>
              </tr>
            </thead>
            <tbody>
              {connections.map((connection) => (
                <Row connection={connection} now={now} />
              ))}
            </tbody>
          </table>
        </div>
      )}
      <div class="actions">
        <a class="button quiet" href={connectPath}>
          Connect another account of yours
        </a>
        {personal && (
          <a class="button quiet" href={`${connectPath}?account=personal`}>
            Connect a personal account
          </a>
        )}
      </div>
    </section>
  );
}

function Row({ connection, now }: { connection: ConnectionView; now: number }): View {
  const { alias, id, kind, health, healthReason, displayName, username, tenantId, lastTokenAt } = connection;
  return (
    <tr>
      <th scope="row">
        <strong>{alias}</strong>
        <span class="sub mono">{id}</span>
      </th>
      <Cell label="State">
        <HealthBadge state={health} />
        {health !== 'active' && healthReason && (
          <p class="why">
            {healthReason.message} <code>{healthReason.code}</code>
          </p>
        )}
      </Cell>
      <Cell label="Acts as">
        {kind === 'user' ? (displayName ?? username ?? 'a person') : 'The app itself'}
        <span class="sub">
          {kind === 'user' ? username : 'tenant'} {kind === 'app' && <span class="mono">{tenantId}</span>}
        </span>
      </Cell>
      <Cell label="Permissions">
        <Scopes scopes={connection.scopes} />
      </Cell>
      <Cell label="Last token">
        {lastTokenAt === undefined ? (
          <span class="muted">not yet</span>
        ) : (
          <Moment at={lastTokenAt} now={now} />
        )}
      </Cell>
    </tr>
  );
}
