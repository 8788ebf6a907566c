import type { Exchange, Reply } from '../../http/route.ts';
import { Refusal, refusalReply } from '../aadsts.ts';
import { readAuthority, readClient } from '../authority.ts';
import { required } from '../grants/grant.ts';
import type { IdentityWorld } from '../identity-world.ts';
import { readScopes } from '../scopes.ts';
import type { DeviceCodes } from './device-codes.ts';
import type { Flows } from './flow.ts';
import { html } from './html.ts';
import { page } from './page.ts';
import type { Steps } from './steps.ts';

/** Where a device asks for a code, and where a person types it. */
export function createDeviceFlow(
  world: IdentityWorld,
  parts: { readonly devices: DeviceCodes; readonly flows: Flows; readonly steps: Steps },
) {
  function start(exchange: Exchange, version: 1 | 2): Reply {
    // Version 1 is asked by GET too.
    const form = exchange.method === 'GET' ? exchange.query : exchange.form();
    try {
      const authority = readAuthority(world.directory, exchange.params.tenant ?? '');
      const app = readClient(world.directory, authority, required(form, 'client_id'));
      if (!app.allowPublicClient) {
        throw new Refusal(
          'invalid_client',
          7000218,
          "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.",
          {
            status: world.switches.get().invalidClientStatus,
          },
        );
      }
      const resource = form.get('resource') ?? 'https://graph.microsoft.com';
      const scope =
        version === 1 ? `openid profile offline_access ${resource}/.default` : required(form, 'scope');
      readScopes(world.directory, scope);
      const { deviceCodeSeconds, deviceInterval } = world.switches.get();
      const until = Math.floor(world.clock() / 1000 + deviceCodeSeconds);
      const entry = parts.devices.begin({ clientId: app.appId, scope, segment: authority.segment, until });
      const uri = `${exchange.urls.pages}/common/oauth2/deviceauth`;
      const message = `To sign in, use a web browser to open the page ${uri} and enter the code ${entry.userCode} to authenticate.`;
      const body = {
        user_code: entry.userCode,
        device_code: entry.deviceCode,
        ...(version === 1 ? { verification_url: uri } : { verification_uri: uri }),
        expires_in: Math.floor(deviceCodeSeconds),
        interval: deviceInterval,
        message,
      };
      return { status: 200, headers: { 'cache-control': 'no-store' }, body };
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      return refusalReply(exchange, error, world.clock());
    }
  }

  function askCode(problem?: string): Reply {
    return page(
      'Enter code',
      html`<form method="post" action="/common/oauth2/deviceauth"><p>Enter the code displayed on your app or device.</p>
      ${problem && html`<p class="error">${problem}</p>`}<label for="code">Code</label><input id="code" type="text" name="user_code" autocomplete="off" autofocus required>
      <div class="row"><button class="main" type="submit">Next</button></div></form>`,
    );
  }

  function enter(exchange: Exchange): Reply {
    const entry = parts.devices.byUserCode(exchange.form().get('user_code') ?? '');
    if (entry?.state !== 'waiting' || entry.until * 1000 <= world.clock()) {
      return askCode('AADSTS70018: That code didn’t work. Check the code and try again.');
    }
    const authority = readAuthority(world.directory, entry.segment);
    const app = readClient(world.directory, authority, entry.clientId);
    const flow = parts.flows.begin({
      authority,
      app,
      asked: readScopes(world.directory, entry.scope),
      loginHint: undefined,
      domainHint: undefined,
      askConsent: true,
      adminConsent: false,
      finish: (_at, { user, authTime, methods }) => {
        entry.state = 'approved';
        entry.signedIn = { userId: user.id, authTime, methods };
        return page(
          app.displayName,
          html`<p>You have signed in to the ${app.displayName} application on your device. You may now close this window.</p>`,
        );
      },
      refuse: () => {
        entry.state = 'declined';
        return page('Sign-in cancelled', html`<p>You may close this window.</p>`);
      },
    });
    return parts.steps.start(exchange, flow, undefined);
  }

  return { start, askCode: () => askCode(), enter };
}
