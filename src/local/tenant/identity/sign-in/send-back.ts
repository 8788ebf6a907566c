import type { Exchange, Reply } from '../../http/route.ts';
import { errorMembers, type Refusal } from '../aadsts.ts';
import { html } from './html.ts';
import { page } from './page.ts';

export type ResponseMode = 'query' | 'fragment' | 'form_post';

/** The answer to the app, by way of the browser. */
export function sendBack(
  redirectUri: string,
  mode: ResponseMode,
  fields: Readonly<Record<string, string>>,
): Reply {
  if (mode === 'form_post') {
    return page(
      'Working …',
      html`<form method="post" action="${redirectUri}" id="back">
      ${Object.entries(fields).map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`)}
      <noscript><p>Script is off. Press Continue.</p></noscript><div class="row"><button class="main" type="submit">Continue</button></div></form>
      <script>document.getElementById('back').submit()</script>`,
    );
  }
  const text = new URLSearchParams(fields).toString();
  const mark = mode === 'fragment' ? '#' : redirectUri.includes('?') ? '&' : '?';
  return {
    status: 302,
    headers: { location: redirectUri + mark + text, 'cache-control': 'no-store, no-cache' },
  };
}

export function redirectError(
  exchange: Exchange,
  redirectUri: string,
  mode: ResponseMode,
  state: string | undefined,
  refusal: Refusal,
  now: number,
  subcode?: string,
): Reply {
  const { error, error_description, error_uri } = errorMembers(exchange, refusal, now);
  return sendBack(redirectUri, mode, {
    error,
    error_description,
    ...(subcode === undefined ? {} : { error_subcode: subcode }),
    error_uri,
    ...(state === undefined ? {} : { state }),
  });
}
