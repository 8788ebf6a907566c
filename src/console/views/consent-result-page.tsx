import type { ConsentLink } from '../../broker/consent-link.ts';
import type { ConsentText } from '../words/consent-texts.ts';
import { type Frame, Layout } from './layout.tsx';
import { PermissionList } from './permission-list.tsx';
import type { View } from './view.ts';

/** How a consent link stands, for the administrator who was sent it. */
export function ConsentResultPage(props: {
  readonly frame: Frame;
  readonly text: ConsentText;
  readonly host: string;
  /** Absent when it is not known which link it was. */
  readonly link?: ConsentLink | undefined;
}): View {
  const { frame, text, host, link } = props;
  const given = link && (link.status === 'connected' || link.status === 'proving');
  return (
    <Layout frame={frame} kind="door">
      <div class="stack loose">
        <h1>{text.title}</h1>
        <p class={`notice ${text.tone}`}>{text.message}</p>
        <p>{text.advice}</p>
        {link && given && (
          <div class="card">
            <div class="card-body">
              <h2>What {host} may do</h2>
              <PermissionList permissions={link.permissions} />
              <p class="muted">
                You can take it back at any time: delete the app under Enterprise applications in Microsoft
                Entra.
              </p>
            </div>
          </div>
        )}
      </div>
    </Layout>
  );
}
