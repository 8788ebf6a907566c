import type { Exchange, Reply } from '../../http/route.ts';
import { errorMembers, Refusal } from '../aadsts.ts';
import { readAuthority, readClient } from '../authority.ts';
import type { IdentityWorld } from '../identity-world.ts';
import { readScopes } from '../scopes.ts';
import { readRedirectUri } from './authorize.ts';
import type { Flows } from './flow.ts';
import { errorPage } from './page.ts';
import { sendBack } from './send-back.ts';
import type { Steps } from './steps.ts';

/** Admin consent: the scoped endpoint (`/v2.0/adminconsent`, with `scope`) and the static one. */
export function createAdminConsent(
  world: IdentityWorld,
  parts: { readonly flows: Flows; readonly steps: Steps },
) {
  return (exchange: Exchange, version: 1 | 2): Reply => {
    const { query } = exchange;
    try {
      const authority = readAuthority(world.directory, exchange.params.tenant ?? '');
      if (version === 2 && authority.kind === 'common' && !world.switches.get().adminConsentOnCommon) {
        throw new Refusal('invalid_request', 900144, 'Admin consent needs a tenant or organizations.');
      }
      const clientId = query.get('client_id');
      if (!clientId)
        throw new Refusal(
          'invalid_request',
          900144,
          "The request body must contain the following parameter: 'client_id'.",
        );
      const scope = query.get('scope');
      if (version === 2 && !scope)
        throw new Refusal(
          'invalid_request',
          900144,
          "The request body must contain the following parameter: 'scope'.",
        );
      const app = readClient(world.directory, authority, clientId);
      const redirectUri = readRedirectUri(app, query.get('redirect_uri'));
      const state = query.get('state');
      const common = { admin_consent: 'True', ...(state === null ? {} : { state }) };
      const asked = readScopes(world.directory, scope ?? 'https://graph.microsoft.com/.default');

      const flow = parts.flows.begin({
        authority:
          authority.kind === 'common' ? { kind: 'organizations', segment: authority.segment } : authority,
        app,
        asked,
        loginHint: undefined,
        domainHint: undefined,
        askConsent: true,
        adminConsent: true,
        finish: (_at, { user }) =>
          sendBack(redirectUri, 'query', {
            ...common,
            tenant: user.tenantId,
            ...(version === 2 && scope ? { scope } : {}),
          }),
        refuse: (error, code, text) => {
          const refusal = new Refusal(version === 2 ? 'consent_required' : error, code, text);
          const { error_description } = errorMembers(exchange, refusal, world.clock());
          return sendBack(redirectUri, 'query', { ...common, error: refusal.error, error_description });
        },
      });
      // An administrator proves who they are each time: nobody consents by a session that was left open.
      return parts.steps.start(exchange, flow, undefined);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      return errorPage(error.message, error.code, exchange.requestId);
    }
  };
}
