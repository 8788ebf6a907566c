import { Refusal } from '../aadsts.ts';
import { checkEntrance } from '../authority.ts';
import { checkFactor, checkRevoked, checkUser } from '../user-checks.ts';
import { crossOrigin, type Grant, isCapable, required } from './grant.ts';

/** Good for any API and tenant that the client has consent for; the old one keeps working unless rotation is strict. */
export const refreshToken: Grant = async ({ world, grants, answerUser }, request) => {
  const { exchange, form, app } = request;
  const text = required(form, 'refresh_token');
  const { origin } = exchange.headers;
  const publicAllowed = app.allowPublicClient || origin !== undefined;
  const proof = await request.authenticate({ publicAllowed });
  const grant = await grants.readRefresh(text);
  if (origin !== undefined && !grant.spa) throw crossOrigin(origin);
  if (grant.clientId !== app.appId) {
    throw new Refusal('invalid_grant', 70000, 'The refresh token was issued to another client.', {
      suberror: 'client_mismatch',
    });
  }
  const user = world.directory.findUser(grant.userId);
  if (!user) throw new Refusal('invalid_grant', 50034, 'The user account does not exist in the directory.');
  checkEntrance(request.authority, app, user);
  const switches = world.switches.get();
  checkUser(user, switches);
  checkRevoked(user, grant.issuedAt);
  checkFactor(user, switches, grant.methods);
  const asked = request.scope || grant.scope;
  const oidc = grant.scope.split(' ').filter((one) => ['openid', 'profile', 'offline_access'].includes(one));
  const body = await answerUser(exchange, {
    app,
    user,
    scope: [...new Set([...asked.split(/\s+/).filter(Boolean), ...oidc])].join(' '),
    severalResources: true,
    proof,
    authTime: grant.authTime,
    methods: grant.methods,
    capable: isCapable(form.get('claims')),
    spa: grant.spa,
    ...(grant.spa ? { refreshUntil: grant.exp } : {}),
  });
  if (switches.strictRotation) grants.spend(grant);
  return body;
};
