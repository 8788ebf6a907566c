import { type Frame, Layout } from './layout.tsx';
import type { View } from './view.ts';

export const signInFirstTitle = 'Sign in to continue';

/** Before a program can be let in: `what` wants it, and `returnTo` is where the sign-in leads. */
export function SignInFirstPage(props: { frame: Frame; what: string; returnTo: string }): View {
  return (
    <Layout frame={props.frame} kind="door">
      <div class="stack loose">
        <h1>{signInFirstTitle}</h1>
        <p class="lead">{props.what} asks to act for you here. Sign in first; then you decide.</p>
        <div>
          <a class="button large" href={`/auth/sign-in?return_to=${encodeURIComponent(props.returnTo)}`}>
            Sign in with Microsoft
          </a>
        </div>
        <p>
          <strong>You did not start a program?</strong> Close this page. Nothing has been given.
        </p>
      </div>
    </Layout>
  );
}
