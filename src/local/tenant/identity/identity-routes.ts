import type { Exchange, ListenerName, Reply, Route } from '../http/route.ts';
import { Refusal, refusalReply } from './aadsts.ts';
import { createConsent } from './consent.ts';
import { discoveryRoutes } from './discovery-routes.ts';
import type { IdentityWorld } from './identity-world.ts';
import { createAnswerUser } from './issue-answer.ts';
import type { SealedGrants } from './sealed-grants.ts';
import { createAdminConsent } from './sign-in/admin-consent.ts';
import { createAuthorize } from './sign-in/authorize.ts';
import { createDeviceFlow } from './sign-in/device.ts';
import { createDeviceCodes } from './sign-in/device-codes.ts';
import { createFlows } from './sign-in/flow.ts';
import { html } from './sign-in/html.ts';
import { createLogout } from './sign-in/logout.ts';
import { page } from './sign-in/page.ts';
import { createBrowserSessions } from './sign-in/sessions.ts';
import { createSteps } from './sign-in/steps.ts';
import { createTokenEndpoint } from './token-route.ts';

/** Everything at the login host. What a browser opens is served by the login and the pages listener alike. */
export function identityRoutes(world: IdentityWorld, grants: SealedGrants): Route[] {
  const consent = createConsent(world);
  const devices = createDeviceCodes(world.clock);
  const flows = createFlows();
  const sessions = createBrowserSessions();
  const steps = createSteps(world, { flows, sessions, consent });
  const authorize = createAuthorize(world, { flows, sessions, consent, grants, steps });
  const adminConsent = createAdminConsent(world, { flows, steps });
  const device = createDeviceFlow(world, { devices, flows, steps });
  const logout = createLogout(world, sessions);
  const token = createTokenEndpoint({
    world,
    consent,
    grants,
    devices,
    answerUser: createAnswerUser(world, { consent, grants }),
  });

  const both = (method: string, path: string, more: Omit<Route, 'listener' | 'method' | 'path'>): Route[] =>
    (['login', 'pages'] as const).map((listener: ListenerName) => ({ listener, method, path, ...more }));
  const handled = (handle: (exchange: Exchange) => Reply | Promise<Reply>) => handle;

  const onlyPost = [
    '/:tenant/oauth2/v2.0/token',
    '/:tenant/oauth2/token',
    '/:tenant/oauth2/v2.0/devicecode',
  ].map(
    (path): Route => ({
      listener: 'login',
      method: 'ANY',
      path,
      summary: 'Any other verb: refused, and a preflight answered',
      contract: '1.6',
      strict: '900561',
      handle: (exchange) => {
        if (exchange.method === 'OPTIONS') return { status: 200, headers: preflight };
        const text = `The endpoint only accepts POST requests. Received a ${exchange.method} request.`;
        return refusalReply(exchange, new Refusal('invalid_request', 900561, text), world.clock());
      },
    }),
  );

  const authorizeRoutes = (['GET', 'POST'] as const).flatMap((method) => [
    ...both(method, '/:tenant/oauth2/v2.0/authorize', {
      summary: 'Sign-in with a code',
      contract: '1.5',
      strict: 'client, redirect URI, PKCE, prompt, max_age, hints; errors by redirect or page',
      omitted: 'hybrid and implicit',
      handle: handled((exchange) => authorize(exchange, 2)),
    }),
    ...both(method, '/:tenant/oauth2/authorize', {
      summary: 'Sign-in with a code, version 1',
      contract: '1.5',
      handle: handled((exchange) => authorize(exchange, 1)),
    }),
    ...['/:tenant/oauth2/v2.0/logout', '/:tenant/oauth2/logout'].flatMap((path) =>
      both(method, path, {
        summary: 'Sign-out',
        contract: '1.11',
        strict: 'registered addresses only',
        handle: handled(logout),
      }),
    ),
  ]);

  return [
    ...discoveryRoutes(world),
    ...authorizeRoutes,
    ...both('GET', '/favicon.ico', {
      summary: 'No picture',
      contract: '-',
      handle: handled(() => ({ status: 204 })),
    }),
    ...both('POST', '/:tenant/login', {
      summary: 'The answers of a sign-in page',
      contract: '-',
      handle: handled(steps.submit),
    }),
    ...both('GET', '/:tenant/v2.0/adminconsent', {
      summary: 'Admin consent with scope',
      contract: '1.12',
      strict: 'administrators only; scope, redirect URI',
      handle: handled((exchange) => adminConsent(exchange, 2)),
    }),
    ...both('GET', '/:tenant/adminconsent', {
      summary: 'Admin consent to what is registered',
      contract: '1.12',
      handle: handled((exchange) => adminConsent(exchange, 1)),
    }),
    ...both('GET', '/common/oauth2/deviceauth', {
      summary: 'Page for a device code',
      contract: '1.7',
      handle: handled(device.askCode),
    }),
    ...both('POST', '/common/oauth2/deviceauth', {
      summary: 'A typed device code',
      contract: '1.7',
      handle: handled(device.enter),
    }),
    {
      listener: 'login',
      method: 'POST',
      path: '/:tenant/oauth2/v2.0/devicecode',
      summary: 'Start of a device sign-in',
      contract: '1.7',
      strict: 'public clients only',
      handle: (exchange) => device.start(exchange, 2),
    },
    ...['POST', 'GET'].map(
      (method): Route => ({
        listener: 'login',
        method,
        path: '/:tenant/oauth2/devicecode',
        summary: 'Start of a device sign-in, version 1',
        contract: '1.7',
        handle: (exchange) => device.start(exchange, 1),
      }),
    ),
    {
      listener: 'login',
      method: 'POST',
      path: '/:tenant/oauth2/v2.0/token',
      summary: 'Tokens for every grant',
      contract: '1.6-1.9',
      strict: 'client authentication, PKCE, single use, consent, revocation, error codes',
      handle: (exchange) => token(exchange, 2),
    },
    {
      listener: 'login',
      method: 'POST',
      path: '/:tenant/oauth2/token',
      summary: 'Tokens, version 1 (resource)',
      contract: '1.6',
      handle: (exchange) => token(exchange, 1),
    },
    ...onlyPost,
    ...both('GET', '/common/oauth2/nativeclient', {
      summary: 'Where a program without a redirect URI of its own reads the code from the address',
      contract: '1.5',
      handle: handled(() =>
        page('Signed in', html`<p>The program goes on from the address of this page.</p>`),
      ),
    }),
    {
      listener: 'login',
      method: 'GET',
      path: '/',
      summary: 'A page, for clients that look whether the host is there',
      contract: '-',
      handle: () => page('Sign in', html`<p>Start from the app that you want to use.</p>`),
    },
  ];
}

/** A page of another origin may ask for tokens; which ones is decided when it does. */
const preflight = {
  'access-control-allow-origin': '*',
  'access-control-allow-methods': 'POST, OPTIONS',
  'access-control-allow-headers': '*',
};
