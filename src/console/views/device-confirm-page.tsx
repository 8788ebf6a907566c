import type { Person } from '../../broker/sessions.ts';
import { deviceTitle } from './device-code-page.tsx';
import { type Frame, Layout } from './layout.tsx';
import { ProgramRights } from './program-rights.tsx';
import type { View } from './view.ts';

/** The code again, for the person to compare, and the decision. */
export function DeviceConfirmPage(props: {
  readonly frame: Frame;
  readonly person: Person;
  readonly program: string;
  readonly code: string;
}): View {
  const { frame, person, program, code } = props;
  return (
    <Layout frame={frame} kind="door">
      <div class="stack loose">
        <h1>{deviceTitle}</h1>
        <p class="lead">
          <strong>{program}</strong> asks to be signed in as you. Does it show this code, on your own screen?
        </p>
        <p>
          <code class="large">{code}</code>
        </p>
        <ProgramRights person={person} />
        <form method="post" action="/device" class="stack tight">
          <input type="hidden" name="csrf" value={person.csrf} />
          <input type="hidden" name="user_code" value={code} />
          <div>
            <button type="submit" name="decision" value="approve">
              Yes, let it in
            </button>
          </div>
          <div>
            <button class="quiet" type="submit" name="decision" value="deny">
              No
            </button>
          </div>
        </form>
        <p>
          <strong>Somebody sent you the code or this link?</strong> Choose No: they would act as you.
        </p>
      </div>
    </Layout>
  );
}
