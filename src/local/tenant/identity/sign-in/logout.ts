import type { Exchange, Reply } from '../../http/route.ts';
import type { IdentityWorld } from '../identity-world.ts';
import { html } from './html.ts';
import { page } from './page.ts';
import type { BrowserSessions } from './sessions.ts';

/** Signs everybody out of the browser; goes on to a registered address only. Refresh tokens stay good. */
export function createLogout(world: IdentityWorld, sessions: BrowserSessions) {
  return (exchange: Exchange): Reply => {
    const query = exchange.method === 'POST' ? exchange.form() : exchange.query;
    const cookie = { 'set-cookie': sessions.end(exchange) };
    const to = query.get('post_logout_redirect_uri');
    const registered = world.directory.data.applications.some(({ redirectUris, logoutUrl }) =>
      [...redirectUris.web, ...redirectUris.spa, logoutUrl].includes(to),
    );
    if (to === null || !registered) {
      return page(
        'You signed out of your account',
        html`<p>It’s a good idea to close all browser windows.</p>`,
        { headers: cookie },
      );
    }
    const state = query.get('state');
    const mark = to.includes('?') ? '&' : '?';
    const location = state === null ? to : `${to}${mark}state=${encodeURIComponent(state)}`;
    return { status: 302, headers: { ...cookie, location } };
  };
}
