import { Refusal } from '../aadsts.ts';
import { mayEnter } from '../authority.ts';
import { checkUser, names } from '../user-checks.ts';
import { type Grant, isCapable, required } from './grant.ts';

/** Username and password: work accounts without a second factor only. */
export const password: Grant = async ({ world, answerUser }, request) => {
  const { exchange, form, app, authority } = request;
  const personalHere = authority.kind === 'tenant' && authority.tenant.kind === 'personal';
  if (authority.kind === 'common' || personalHere) {
    throw new Refusal(
      'invalid_request',
      9001023,
      'The grant type is not supported over the /common or /consumers endpoints. Please use the /organizations or tenant-specific endpoint.',
    );
  }
  const proof = await request.authenticate({ publicAllowed: app.allowPublicClient });
  const user = world.directory.findUser(required(form, 'username'));
  const given = required(form, 'password');
  if (!user || !mayEnter(authority, app, user)) {
    throw new Refusal(
      'invalid_grant',
      50034,
      'The user account does not exist in the directory. To sign into this application, the account must be added to the directory.',
    );
  }
  checkUser(user, world.switches.get());
  if (user.password !== given) {
    throw new Refusal(
      'invalid_grant',
      50126,
      'Error validating credentials due to invalid username or password.',
    );
  }
  if (user.passwordExpired) {
    throw new Refusal('invalid_grant', 50055, 'The password is expired.', {
      suberror: 'user_password_expired',
    });
  }
  if (user.mfa || names(world.switches.get().requireMfa, user)) {
    throw new Refusal(
      'invalid_grant',
      50076,
      'Due to a configuration change made by your administrator, or because you moved to a new location, you must use multi-factor authentication to access the resource.',
      { suberror: 'basic_action' },
    );
  }
  return answerUser(exchange, {
    app,
    user,
    scope: request.scope,
    proof,
    authTime: Math.floor(world.clock() / 1000),
    methods: ['pwd'],
    capable: isCapable(form.get('claims')),
  });
};
