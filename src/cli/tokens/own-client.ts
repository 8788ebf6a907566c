import { allowInsecureRequests, Configuration, None, type TokenEndpointResponse } from 'openid-client';
import { CliFailure, exitOf } from '../failure.ts';
import type { SavedSignIn } from './tokens-file.ts';

/** This program at an installation’s authorization server: public, so that it has no secret. */
export const clientId = 'graph-valet-cli';

/** The installation as an authorization server. Its addresses are fixed, so nothing is asked to know them. */
export function ownClient(url: string): Configuration {
  const server = {
    issuer: url,
    authorization_endpoint: `${url}/oauth2/authorize`,
    device_authorization_endpoint: `${url}/oauth2/device_authorization`,
    token_endpoint: `${url}/oauth2/token`,
    revocation_endpoint: `${url}/oauth2/revoke`,
    authorization_response_iss_parameter_supported: true,
  };
  const client = new Configuration(server, clientId, undefined, None());
  // http is let through for this machine only, see requireAddress.
  if (url.startsWith('http://')) allowInsecureRequests(client);
  return client;
}

export function toSavedSignIn(answer: TokenEndpointResponse, username: string): SavedSignIn {
  const { access_token, expires_in, refresh_token } = answer;
  if (!refresh_token || expires_in === undefined) {
    throw new CliFailure('unexpected_answer', 'The installation gave no refresh token.', {
      exit: 'unexpected',
    });
  }
  return {
    username,
    accessToken: access_token,
    expiresAt: Date.now() + expires_in * 1000,
    refreshToken: refresh_token,
  };
}

/** What the OAuth library throws, as a person reads it. Of its own texts nothing is shown: they may repeat what was sent. */
export function oauthFailure(error: unknown, next: string): CliFailure {
  if (error instanceof CliFailure) return error;
  const { error: code, error_description: text } = error as { error?: unknown; error_description?: unknown };
  if (typeof code === 'string') {
    const known = exitOf(code);
    return new CliFailure(code, typeof text === 'string' ? text : code, { exit: known, next });
  }
  return new CliFailure('unreachable', 'The installation did not answer as expected.', {
    exit: 'tryLater',
    next: 'Check the address (--url or GRAPH_VALET_URL) and try again.',
    cause: error,
  });
}
