import type { ConsentLink } from '../../broker/consent-link.ts';
import { ConsentLinkBadge } from './badge.tsx';
import { ConsentLinkForm } from './consent-link-form.tsx';
import { Cell, Moment, Scopes } from './small-parts.tsx';
import type { View } from './view.ts';

const shownLinks = 20;

/** The one-time links for administrators of organisations, and the form that makes another. */
export function ConsentLinksSection(props: {
  links: readonly ConsentLink[];
  now: number;
  csrf: string;
}): View {
  const { links, now, csrf } = props;
  return (
    <section class="section" id="consent-links" aria-labelledby="consent-links-title">
      <div class="section-head">
        <h2 id="consent-links-title">Consent links</h2>
        <p>An administrator approves once, without an account here.</p>
      </div>
      <div class="stack">
        {links.length > 0 && (
          <div class="card table-wrap">
            <table>
              <caption>Consent links</caption>
              <thead>
                <tr>
                  <th scope="col">For the connection</th>
                  <th scope="col">State</th>
                  <th scope="col">Permissions</th>
                  <th scope="col">Tenant</th>
                  <th scope="col">Made</th>
                </tr>
              </thead>
              <tbody>
                {links.slice(0, shownLinks).map((link) => (
                  <Row link={link} now={now} />
                ))}
              </tbody>
            </table>
          </div>
        )}
        <article class="card" id="new-consent-link">
          <div class="card-body">
            <div class="stack tight">
              <h3>Make a consent link</h3>
              <p class="muted">
                Send it to an administrator of an organisation. Their approval at Microsoft gives this app a
                connection to that organisation, with the permissions below and no others.
              </p>
            </div>
            <ConsentLinkForm csrf={csrf} />
          </div>
        </article>
      </div>
    </section>
  );
}

function Row({ link, now }: { link: ConsentLink; now: number }): View {
  const { id, alias, status, reason, permissions, tenantId, createdAt, expiresAt } = link;
  return (
    <tr>
      <th scope="row">
        <strong>{alias}</strong>
        <span class="sub mono">{id}</span>
      </th>
      <Cell label="State">
        <ConsentLinkBadge state={status} />
        {status === 'open' && (
          <span class="sub">
            until <Moment at={expiresAt} now={now} plain />
          </span>
        )}
        {reason && status !== 'connected' && (
          <p class="why">
            {reason.message} <code>{reason.code}</code>
          </p>
        )}
      </Cell>
      <Cell label="Permissions">
        <Scopes scopes={permissions} />
      </Cell>
      <Cell label="Tenant">
        {tenantId ? <span class="mono">{tenantId}</span> : <span class="muted">any</span>}
      </Cell>
      <Cell label="Made">
        <Moment at={createdAt} now={now} />
      </Cell>
    </tr>
  );
}
