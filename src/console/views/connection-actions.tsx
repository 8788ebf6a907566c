import type { Person } from '../../broker/sessions.ts';
import type { ConnectionView } from '../overview.ts';
import type { Content, View } from './view.ts';

/** Plain forms, each with the token of the session. What can't be taken back is asked for twice. */
export function ConnectionActions(props: { connection: ConnectionView; person: Person }): View {
  const { connection, person } = props;
  const { id, kind, health } = connection;
  const { csrf } = person;
  const isUser = kind === 'user';
  return (
    <section class="section" aria-labelledby="actions-title">
      <div class="section-head">
        <h2 id="actions-title">What you can do</h2>
      </div>
      <div class="card">
        <div class="card-body">
          <Action id={id} csrf={csrf} name="refresh" button="Fetch a new token now">
            Shows whether Microsoft still accepts this connection. The token itself is not shown.
          </Action>
          {person.administrator && <Rename connection={connection} csrf={csrf} />}
          {person.administrator && (
            <Action
              id={id}
              csrf={csrf}
              name={health === 'disabled' ? 'switch-on' : 'switch-off'}
              button={health === 'disabled' ? 'Switch on' : 'Switch off'}
            >
              {health === 'disabled'
                ? 'Callers are served again.'
                : 'Nobody gets anything from it, whoever signs in, until it is switched on again.'}
            </Action>
          )}
          <Action id={id} csrf={csrf} name="sign-out" button="Sign out everywhere" sure>
            {isUser
              ? 'Erases the stored tokens and ends all sessions and programs of this person. They must sign in again; name and policies stay.'
              : 'Erases the stored tokens. New ones are fetched when a caller asks next.'}
          </Action>
          <Action id={id} csrf={csrf} name="remove" button="Remove the connection" sure>
            Erases its tokens and the connection itself. Policies, jobs and rules that name it stop working.
          </Action>
          {isUser && (person.administrator || id === person.connectionId) && connection.objectId && (
            <p>
              <a href={`/api/people/${encodeURIComponent(connection.objectId)}/export`}>
                Download all that is held about this person
              </a>{' '}
              <span class="muted">(JSON, without tokens and keys)</span>
            </p>
          )}
        </div>
      </div>
    </section>
  );
}

function Action(props: {
  readonly id: string;
  readonly csrf: string;
  /** The last part of the address that the form is sent to. */
  readonly name: string;
  readonly button: string;
  /** Behind a second click. */
  readonly sure?: boolean;
  readonly children?: Content;
}): View {
  const { id, csrf, name, button, sure = false, children } = props;
  const form = (
    <form class="stack tight" method="post" action={`/connections/${id}/${name}`}>
      <input type="hidden" name="csrf" value={csrf} />
      <p class="muted">{children}</p>
      <div>
        <button class="quiet" type="submit">
          {button}
        </button>
      </div>
    </form>
  );
  if (!sure) return form;
  return (
    <details>
      <summary>{button}…</summary>
      {form}
    </details>
  );
}

function Rename({ connection, csrf }: { connection: ConnectionView; csrf: string }): View {
  return (
    <form class="stack tight" method="post" action={`/connections/${connection.id}/rename`}>
      <input type="hidden" name="csrf" value={csrf} />
      <div class="field">
        <label for="alias">Name</label>
        <input
          id="alias"
          name="alias"
          type="text"
          value={connection.alias}
          required
          maxlength={127}
          autocomplete="off"
          spellcheck={false}
          aria-describedby="alias-hint"
        />
        <p class="hint" id="alias-hint">
          Callers use it as audience, and policies, jobs and rules name it: change it there too. A new sign-in
          keeps it.
        </p>
      </div>
      <div>
        <button class="quiet" type="submit">
          Rename
        </button>
      </div>
    </form>
  );
}
