import type { Person } from '../../broker/sessions.ts';
import { type Frame, Layout } from './layout.tsx';
import { ProgramRights } from './program-rights.tsx';
import type { View } from './view.ts';

export const programTitle = 'Let a program act for you';

/** A program on this machine wants to be let in; both ways out are links, because they lead back to it. */
export function ProgramPage(props: {
  readonly frame: Frame;
  readonly person: Person;
  readonly program: string;
  /** Where the program listens. */
  readonly host: string;
  readonly allow: string;
  readonly deny: string;
}): View {
  return (
    <Layout frame={props.frame} kind="door">
      <div class="stack loose">
        <h1>{programTitle}</h1>
        <p class="lead">
          A program on this computer, <strong>{props.program}</strong> at <code>{props.host}</code>, asks to
          be signed in as you.
        </p>
        <ProgramRights person={props.person} />
        <div class="stack tight">
          <div>
            <a class="button large" href={props.allow} rel="nofollow noreferrer">
              Allow
            </a>
          </div>
          <div>
            <a href={props.deny} rel="nofollow noreferrer">
              Don’t allow
            </a>
          </div>
        </div>
        <p>
          <strong>You did not start it?</strong> Close this page. Nothing has been given.
        </p>
      </div>
    </Layout>
  );
}
