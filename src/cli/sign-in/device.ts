import {
  initiateDeviceAuthorization,
  pollDeviceAuthorizationGrant,
  type TokenEndpointResponse,
} from 'openid-client';
import { oauthFailure, ownClient } from '../tokens/own-client.ts';

/** What the person is shown: where to go and what to type there. */
export interface DevicePrompt {
  readonly address: string;
  readonly code: string;
  readonly minutes: number;
}

/** Signs a person in by a browser on any machine (RFC 8628). Throws `access_denied`, `expired_token`. */
export async function signInByDevice(
  url: string,
  show: (prompt: DevicePrompt) => void,
): Promise<TokenEndpointResponse> {
  const client = ownClient(url);
  try {
    const begun = await initiateDeviceAuthorization(client, { scope: 'api' });
    show({
      address: begun.verification_uri,
      code: begun.user_code,
      minutes: Math.floor(begun.expires_in / 60),
    });
    return await pollDeviceAuthorizationGrant(client, begun);
  } catch (error) {
    throw oauthFailure(error, `graph-valet login --device --url ${url}`);
  }
}
