import { Refusal } from '../aadsts.ts';
import { readScopes } from '../scopes.ts';
import type { Grant } from './grant.ts';

/** A token is issued even when the app holds no permission: `roles` is then missing. */
export const clientCredentials: Grant = async ({ world, consent }, request) => {
  const { authority, app } = request;
  if (authority.kind !== 'tenant' || authority.tenant.kind === 'personal') {
    throw new Refusal(
      'invalid_request',
      9001023,
      'The grant type is not supported over the /common or /consumers endpoints. Please use the /organizations or tenant-specific endpoint.',
    );
  }
  const proof = await request.authenticate({ publicAllowed: false });
  const asked = readScopes(world.directory, request.scope);
  if (!asked.everything || asked.oidc.length > 0) {
    throw new Refusal(
      'invalid_scope',
      1002012,
      `The provided value for scope ${request.scope} is not valid. Client credential flows must have a scope value with /.default suffixed to the resource identifier (application ID URI).`,
    );
  }
  const principal = consent.principal(app, authority.tenant.id);
  if (!principal) {
    throw new Refusal(
      'unauthorized_client',
      700016,
      `Application with identifier '${app.appId}' was not found in the directory '${authority.tenant.displayName}'. This can happen if the application has not been installed by the administrator of the tenant.`,
    );
  }
  if (!principal.enabled) {
    throw new Refusal(
      'unauthorized_client',
      7000112,
      `Application '${app.appId}'(${app.displayName}) is disabled.`,
    );
  }
  const { token, seconds } = await world.accessTokens.ofApp({
    tenantId: authority.tenant.id,
    principal,
    resource: asked.resource,
    proof,
  });
  const { refreshIn } = world.switches.get();
  return {
    token_type: 'Bearer',
    expires_in: seconds,
    ext_expires_in: seconds,
    ...(refreshIn ? { refresh_in: Math.floor(seconds / 2) } : {}),
    access_token: token,
  };
};
