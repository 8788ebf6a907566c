import { Refusal } from '../aadsts.ts';
import { checkUser } from '../user-checks.ts';
import { type Grant, isCapable, required } from './grant.ts';

/** Answers authorization_pending until somebody has signed in with the user code. */
export const deviceCode: Grant = async ({ world, devices, answerUser }, request) => {
  const { exchange, form, app } = request;
  const text = form.get('device_code') ?? form.get('code') ?? required(form, 'device_code');
  const entry = devices.find(text);
  if (!entry || entry.clientId !== app.appId) {
    throw new Refusal(
      'bad_verification_code',
      70018,
      'Invalid verification code due to User typing in wrong user code for device code flow.',
    );
  }
  const proof = app.allowPublicClient ? '0' : await request.authenticate({ publicAllowed: false });
  if (entry.state === 'used') {
    throw new Refusal(
      'invalid_grant',
      54005,
      'OAuth2 Authorization code was already redeemed, please retry with a new valid code.',
    );
  }
  if (entry.until * 1000 <= world.clock()) {
    throw new Refusal(
      'expired_token',
      70020,
      'The provided value for the input parameter device_code is not valid. This device code has expired.',
    );
  }
  if (entry.state === 'declined') {
    throw new Refusal('authorization_declined', 70021, 'User declined to continue the authentication.');
  }
  if (entry.state === 'waiting' || !entry.signedIn) {
    throw new Refusal(
      'authorization_pending',
      70016,
      'OAuth 2.0 device flow error. Authorization is pending. Continue polling.',
    );
  }
  const user = world.directory.findUser(entry.signedIn.userId);
  if (!user) throw new Refusal('invalid_grant', 50034, 'The user account does not exist in the directory.');
  checkUser(user, world.switches.get());
  entry.state = 'used';
  return answerUser(exchange, {
    app,
    user,
    scope: entry.scope,
    proof,
    authTime: entry.signedIn.authTime,
    methods: entry.signedIn.methods,
    capable: isCapable(form.get('claims')),
  });
};
