import { mustSignIn } from '../../api/connection-view.ts';
import { isTheirs } from '../../broker/connection.ts';
import type { Policy } from '../../broker/policy.ts';
import type { Person } from '../../broker/sessions.ts';
import { signInPath } from '../../broker/sign-in-link.ts';
import type { ConnectionView } from '../overview.ts';
import { HealthBadge } from './badge.tsx';
import { ConnectionActions } from './connection-actions.tsx';
import { ConnectionPolicies } from './connection-policies.tsx';
import { type Frame, Layout } from './layout.tsx';
import { Moment, Scopes } from './small-parts.tsx';
import type { View } from './view.ts';

/** What was just done to it, or what stood against that. */
export interface ConnectionNews {
  readonly tone: 'good' | 'bad';
  readonly text: string;
}

/** One connection: how it is, who is served by it, and what can be done to it. */
export function ConnectionPage(props: {
  readonly frame: Frame;
  readonly person: Person;
  readonly connection: ConnectionView;
  /** Those that name it; undefined for who is no administrator. */
  readonly policies: readonly Policy[] | undefined;
  readonly news: ConnectionNews | undefined;
  readonly publicUrl: string;
  readonly now: number;
}): View {
  const { frame, person, connection, policies, news, publicUrl, now } = props;
  return (
    <Layout frame={{ ...frame, person }}>
      <div class="stack loose">
        <div class="page-head">
          <h1>{connection.alias}</h1>
          <p class="small">
            <a href="/#connections">All connections</a>
          </p>
        </div>
        {news && (
          <p class={`notice ${news.tone}`} role="status">
            {news.text}
          </p>
        )}
        <Health connection={connection} person={person} publicUrl={publicUrl} />
        <Facts connection={connection} now={now} />
        {policies && <ConnectionPolicies policies={policies} />}
        <ConnectionActions connection={connection} person={person} />
      </div>
    </Layout>
  );
}

/** Why it is not active, and the one way out. */
function Health(props: {
  readonly connection: ConnectionView;
  readonly person: Person;
  readonly publicUrl: string;
}): View | null {
  const { connection, person, publicUrl } = props;
  const { health, healthReason } = connection;
  if (health === 'active') return null;
  const path = mustSignIn(connection) ? signInPath(connection) : undefined;
  const own = isTheirs(connection, person);
  return (
    <div class="notice warn">
      <div class="stack tight">
        <p>
          {healthReason?.message ?? 'It is not in use now.'}{' '}
          {healthReason && <code>{healthReason.code}</code>}
        </p>
        {path !== undefined && own && (
          <div>
            <a class="button" href={path}>
              Sign in again
            </a>
          </div>
        )}
        {path !== undefined && !own && (
          <p>
            Send this address to {connection.displayName ?? connection.username ?? 'the person'}; it works in
            their own browser only: <span class="url">{publicUrl + path}</span>
          </p>
        )}
        {health === 'needs_consent' && (
          <p>
            <a href="/#new-consent-link">Make a consent link</a> for an administrator of that organisation.
          </p>
        )}
      </div>
    </div>
  );
}

function Facts({ connection, now }: { connection: ConnectionView; now: number }): View {
  const { id, kind, health, displayName, username, tenantId, scopes, createdAt, lastTokenAt } = connection;
  return (
    <dl class="facts">
      <dt>State</dt>
      <dd>
        <HealthBadge state={health} />
      </dd>
      <dt>Acts as</dt>
      <dd>
        {kind === 'user' ? (displayName ?? username ?? 'a person') : 'The app itself'}
        {username && <span class="sub">{username}</span>}
      </dd>
      <dt>Tenant</dt>
      <dd class="mono">{tenantId}</dd>
      <dt>Id</dt>
      <dd class="mono">{id}</dd>
      <dt>Permissions</dt>
      <dd>
        <Scopes scopes={scopes} />
      </dd>
      <dt>Last token</dt>
      <dd>{lastTokenAt === undefined ? 'not yet' : <Moment at={lastTokenAt} now={now} />}</dd>
      <dt>Connected</dt>
      <dd>
        <Moment at={createdAt} now={now} />
      </dd>
    </dl>
  );
}
