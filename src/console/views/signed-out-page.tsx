import { type Frame, Layout } from './layout.tsx';
import type { View } from './view.ts';

export const signedOutTitle = 'Sign in';

/** For everybody without a session: what this site is, and the one way in. */
export function SignedOutPage({ frame, host }: { frame: Frame; host: string }): View {
  return (
    <Layout frame={frame} kind="door">
      <div class="stack loose">
        <h1>{signedOutTitle}</h1>
        <p class="lead">
          Graph Valet keeps the right to act on Microsoft 365 files, so that scripts and services need no
          password and no stored secret, and does the routine work on those files.
        </p>
        <div class="card">
          <div class="card-body">
            <div>
              <a class="button large" href="/auth/sign-in">
                Sign in with Microsoft
              </a>
            </div>
            <p class="muted">
              You sign in at Microsoft with your work account. This site, <strong>{host}</strong>, never sees
              your password.
            </p>
          </div>
        </div>
        <div class="stack tight">
          <h2>Did somebody send you here?</h2>
          <p class="muted">
            Signing in connects your account: this site may then work with the files that Microsoft lists on
            the next page, until you or an administrator removes the connection. If you don’t know who runs{' '}
            <strong>{host}</strong>, close this page.
          </p>
        </div>
      </div>
    </Layout>
  );
}
