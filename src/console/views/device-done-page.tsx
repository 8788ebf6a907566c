import { type Frame, Layout } from './layout.tsx';
import type { View } from './view.ts';

export const deviceDoneTitle = (approved: boolean) =>
  approved ? 'Your program is signed in' : 'Your program was not let in';

export function DeviceDonePage({ frame, approved }: { frame: Frame; approved: boolean }): View {
  return (
    <Layout frame={frame} kind="door">
      <div class="stack loose">
        <h1>{deviceDoneTitle(approved)}</h1>
        <p class="lead">
          {approved
            ? 'Go back to it; it goes on by itself within a few seconds. You may close this page.'
            : 'Nothing was given. You may close this page.'}
        </p>
      </div>
    </Layout>
  );
}
