import type { ConsentLink } from '../../broker/consent-link.ts';
import { moment } from '../words/times.ts';
import { type Frame, Layout } from './layout.tsx';
import { NotIncluded, PermissionList } from './permission-list.tsx';
import type { View } from './view.ts';

export interface ConsentPageProps {
  readonly frame: Frame;
  readonly link: ConsentLink;
  /** Name of whoever made the link; undefined when it is not known any more. */
  readonly askedBy: string | undefined;
  readonly host: string;
  /** GET link that leaves for Microsoft. */
  readonly continueHref: string;
}

export const consentTitle = 'Approve access to Microsoft 365 files';

/** For an administrator who has no account here: who asks for what, before anything happens. */
export function ConsentPage({ frame, link, askedBy, host, continueHref }: ConsentPageProps): View {
  return (
    <Layout frame={frame} kind="door">
      <div class="stack loose">
        <h1>{consentTitle}</h1>
        <p class="lead">
          <strong>{askedBy ?? 'An administrator'}</strong> of <strong>{host}</strong> asks you to give Graph
          Valet access to your organisation. Nothing has been given yet.
        </p>
        {link.note && (
          <figure class="notice">
            <figcaption class="small">The reason given by {askedBy ?? 'the person who asks'}</figcaption>
            <p>{link.note}</p>
          </figure>
        )}
        <div class="card">
          <div class="card-body">
            <h2>What it will be allowed to do</h2>
            <PermissionList permissions={link.permissions} />
            <NotIncluded permissions={link.permissions} />
          </div>
        </div>
        <dl class="facts">
          <dt>Asked from</dt>
          <dd>{host}</dd>
          <dt>For</dt>
          <dd>
            {link.tenantId ? (
              <>
                the tenant <code>{link.tenantId}</code> only
              </>
            ) : (
              'the organisation that you sign in with'
            )}
          </dd>
          <dt>This link works</dt>
          <dd>
            once, until{' '}
            <time datetime={new Date(link.expiresAt).toISOString()}>{moment(link.expiresAt)}</time>
          </dd>
          <dt>You need to be</dt>
          <dd>Global Administrator or Privileged Role Administrator</dd>
          <dt>To take it back</dt>
          <dd>Delete the app under Enterprise applications in Microsoft Entra, at any time.</dd>
        </dl>
        <div class="stack tight">
          <div>
            <a class="button large" href={continueHref} rel="nofollow noreferrer">
              Continue to Microsoft
            </a>
          </div>
          <p class="muted">
            Microsoft asks you to sign in and lists the same permissions again; check that they agree.
          </p>
        </div>
        <p>
          <strong>Not you, or not expected?</strong> Close this page. Nothing happens unless you approve at
          Microsoft.
        </p>
      </div>
    </Layout>
  );
}
