import type { ConsentLink } from '../../broker/consent-link.ts';
import { consentMail } from '../words/consent-mail.ts';
import { moment } from '../words/times.ts';
import { type Frame, Layout } from './layout.tsx';
import { Scopes } from './small-parts.tsx';
import type { View } from './view.ts';

export const createdTitle = 'Consent link made';

/** Shows the address of a new link, once. Without an address: that it was shown already. */
export function ConsentLinkCreatedPage(props: {
  readonly frame: Frame;
  readonly link: ConsentLink;
  readonly url: string | undefined;
  readonly host: string;
  readonly sender: string;
}): View {
  const { frame, link, url, host, sender } = props;
  return (
    <Layout frame={frame}>
      <div class="stack loose">
        <h1>{createdTitle}</h1>
        {url === undefined ? (
          <p class="notice warn">
            The address of this link was shown once and is not kept. If it is lost, make another link; this
            one expires by itself.
          </p>
        ) : (
          <AddressCard url={url} link={link} host={host} sender={sender} />
        )}
        <dl class="facts">
          <dt>Connection</dt>
          <dd>{link.alias}</dd>
          <dt>Permissions</dt>
          <dd>
            <Scopes scopes={link.permissions} />
          </dd>
          <dt>Tenant</dt>
          <dd>{link.tenantId ? <code>{link.tenantId}</code> : 'any'}</dd>
          <dt>Works until</dt>
          <dd>
            <time datetime={new Date(link.expiresAt).toISOString()}>{moment(link.expiresAt)}</time>
          </dd>
        </dl>
        <div class="actions">
          <a class="button" href="/#consent-links">
            Back to the consent links
          </a>
        </div>
      </div>
    </Layout>
  );
}

function AddressCard(props: { url: string; link: ConsentLink; host: string; sender: string }): View {
  const { url, link, host, sender } = props;
  const mail = consentMail({ url, link, host, sender });
  const mailto = `mailto:?subject=${encodeURIComponent(mail.subject)}&body=${encodeURIComponent(mail.body)}`;
  return (
    <div class="card">
      <div class="card-body">
        <p>
          Copy it now: <strong>it is shown only this once.</strong> Whoever has it can see what you ask for,
          and an administrator can approve it with one visit to Microsoft.
        </p>
        <div class="field">
          <label for="link-url">Address of the link</label>
          <input
            id="link-url"
            class="url"
            type="text"
            readonly
            value={url}
            spellcheck={false}
            autocomplete="off"
          />
        </div>
        <div class="field">
          <label for="link-mail">Text to send with it</label>
          <textarea id="link-mail" readonly rows={mail.body.split('\n').length + 2} spellcheck={false}>
            {mail.body}
          </textarea>
        </div>
        <div class="actions">
          <a class="button quiet" href={mailto}>
            Write a mail with this text
          </a>
        </div>
      </div>
    </div>
  );
}
