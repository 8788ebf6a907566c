import type { Person } from '../../broker/sessions.ts';
import type { View } from './view.ts';

/** What a program gets that is let in. */
export function ProgramRights({ person }: { person: Person }): View {
  return (
    <div class="card">
      <div class="card-body">
        <h2>What it will be allowed to do</h2>
        <p>
          Everything that you, <strong>{person.name}</strong> ({person.username}), may do in this installation
          {person.administrator
            ? ', as an administrator: connections, callers, policies, jobs and rules'
            : ''}
          .
        </p>
        <p class="muted">
          It gets no token of Microsoft, unless an administrator wrote a policy that gives one to programs of
          yours, and it never sees your password. It stays signed in for up to 90 days; signing out in the
          program, or removing your connection, ends it at once.
        </p>
      </div>
    </div>
  );
}
