import { Refusal } from '../aadsts.ts';
import { TokenRefused } from '../tokens.ts';
import { checkFactor, checkUser } from '../user-checks.ts';
import { type Grant, isCapable, required } from './grant.ts';

/** A middle tier exchanges the token that was meant for it. */
export const onBehalfOf: Grant = async ({ world, answerUser }, request) => {
  const { exchange, form, app } = request;
  const assertion = required(form, 'assertion');
  if (form.get('requested_token_use') !== 'on_behalf_of') {
    throw new Refusal(
      'invalid_request',
      900144,
      "The request body must contain the following parameter: 'requested_token_use'.",
    );
  }
  const proof = await request.authenticate({ publicAllowed: false });
  const claims = await world.tokens.open(assertion).catch((error: unknown) => {
    if (error instanceof TokenRefused && error.reason === 'expired') {
      throw new Refusal(
        'invalid_grant',
        500133,
        'Assertion is not within its valid time range. Ensure that the access token is not expired before using it for user assertion.',
      );
    }
    throw new Refusal('invalid_grant', 50013, 'Assertion failed signature validation.');
  });
  if (claims.idtyp === 'app') {
    throw new Refusal(
      'invalid_grant',
      7000114,
      `Application '${app.appId}' is not allowed to make application on-behalf-of calls.`,
    );
  }
  if (claims.scp === undefined) {
    throw new Refusal(
      'invalid_request',
      240002,
      'Input id_token cannot be used as urn:ietf:params:oauth:grant-type:jwt-bearer grant.',
    );
  }
  if (![app.appId, ...app.identifierUris].includes(String(claims.aud))) {
    throw new Refusal(
      'invalid_grant',
      500131,
      'Assertion audience does not match the Client app presenting the assertion.',
    );
  }
  const user = world.directory.findUser(String(claims.oid));
  if (!user) throw new Refusal('invalid_grant', 50034, 'The user account does not exist in the directory.');
  const methods = Array.isArray(claims.amr) ? claims.amr.map(String) : [];
  checkUser(user, world.switches.get());
  // The middle tier must hand the claims on to its own caller.
  checkFactor(user, world.switches.get(), methods, 'interaction_required');
  const body = await answerUser(exchange, {
    app,
    user,
    scope: request.scope,
    proof,
    authTime: Math.floor(world.clock() / 1000),
    methods,
    capable: isCapable(form.get('claims')),
  });
  return { ...body, ext_expires_in: 0 };
};
