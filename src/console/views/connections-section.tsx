import { mustSignIn } from '../../api/connection-view.ts';
import { isTheirs } from '../../broker/connection.ts';
import { connectPath } from '../../broker/flows/return-to.ts';
import type { Person } from '../../broker/sessions.ts';
import { signInPath } from '../../broker/sign-in-link.ts';
import type { ConnectionView } from '../overview.ts';
import { HealthBadge } from './badge.tsx';
import { Cell, Empty, Moment, Scopes } from './small-parts.tsx';
import type { View } from './view.ts';

/** The stored rights to act on Graph and how they are. */
export function ConnectionsSection(props: {
  readonly connections: readonly ConnectionView[];
  readonly person: Person;
  /** Personal Microsoft accounts may be connected too. */
  readonly personal: boolean;
  readonly now: number;
}): View {
  const { connections, person, personal, now } = props;
  return (
    <section class="section" id="connections" aria-labelledby="connections-title">
      <div class="section-head">
        <h2 id="connections-title">{person.administrator ? 'Connections' : 'Your connections'}</h2>
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
                <th scope="col">Actions</th>
              </tr>
            </thead>
            <tbody>
              {connections.map((connection) => (
                <Row connection={connection} person={person} now={now} />
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

function Row(props: { connection: ConnectionView; person: Person; now: number }): View {
  const { connection, person, now } = props;
  const { alias, id, kind, health, healthReason, displayName, username, tenantId, lastTokenAt } = connection;
  const signIn = mustSignIn(connection) && isTheirs(connection, person) ? signInPath(connection) : undefined;
  return (
    <tr>
      <th scope="row">
        <a href={`/connections/${id}`}>
          <strong>{alias}</strong>
        </a>
        <span class="sub mono">{id}</span>
      </th>
      <Cell label="State">
        <HealthBadge state={health} />
        {health !== 'active' && healthReason && (
          <p class="why">
            {healthReason.message} <code>{healthReason.code}</code>
          </p>
        )}
        {signIn !== undefined && <a href={signIn}>Sign in again</a>}
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
      <Cell label="Actions">
        <div class="actions">
          <form method="post" action={`/connections/${id}/refresh`}>
            <input type="hidden" name="csrf" value={person.csrf} />
            <button class="quiet" type="submit" aria-label={`Fetch a new token of ${alias}`}>
              Refresh
            </button>
          </form>
          <a href={`/connections/${id}#actions-title`} aria-label={`Sign out, remove or rename ${alias}`}>
            Manage
          </a>
        </div>
      </Cell>
    </tr>
  );
}
