import { z } from 'zod';
import { type Config, isLoopback } from '../../config.ts';
import { AppError } from '../../errors.ts';
import type { Ports } from '../../ports.ts';
import { entraEndpoints } from '../entra-endpoints.ts';
import { toEntraFailure } from '../entra-failure.ts';
import { createMsalNetwork, type EntraReply } from '../msal-network.ts';
import { signInScopes } from '../sign-in-scopes.ts';

const startAnswer = z.object({
  device_code: z.string().min(1).max(4_000),
  user_code: z.string().min(1).max(64),
  verification_uri: z.url().max(512),
  expires_in: z.coerce.number().positive(),
  interval: z.coerce.number().positive().default(5),
});

export interface DeviceCode {
  readonly deviceCode: string;
  readonly userCode: string;
  /** Where the person types the user code. */
  readonly verificationUri: string;
  readonly expiresInSeconds: number;
  readonly intervalSeconds: number;
}

export type DeviceAnswer =
  | { readonly kind: 'pending' }
  | { readonly kind: 'slow_down' }
  | { readonly kind: 'tokens'; readonly refreshToken: string };

/** The device authorization grant over the raw protocol, because start and poll are requests of their own. */
export interface MicrosoftDeviceCodes {
  start(): Promise<DeviceCode>;
  /** Throws `access_denied`, `flow_expired`, and what `toEntraFailure` says. */
  poll(deviceCode: string): Promise<DeviceAnswer>;
}

export function createMicrosoftDeviceCodes(deps: {
  readonly entra: Config['entra'];
  readonly ports: Pick<Ports, 'clock' | 'fetch'>;
}): MicrosoftDeviceCodes {
  const { entra } = deps;
  const endpoints = entraEndpoints(entra, entra.tenantId);

  async function post(url: string, form: Record<string, string>): Promise<EntraReply> {
    const network = createMsalNetwork(deps.ports);
    try {
      await network.sendPostRequestAsync(url, {
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: new URLSearchParams(form).toString(),
      });
    } catch (error) {
      throw toEntraFailure(error, undefined);
    }
    const reply = network.lastReply();
    if (!reply) throw new AppError('upstream_unavailable', 'Microsoft did not answer.', { retryable: true });
    return reply;
  }

  return {
    async start() {
      const reply = await post(endpoints.deviceCode, {
        client_id: entra.clientId,
        scope: signInScopes.join(' '),
      });
      if (reply.status >= 400) throw toEntraFailure(undefined, reply);
      const read = startAnswer.safeParse(reply.body);
      if (!read.success || !isPage(read.data.verification_uri, entra)) {
        throw new AppError('upstream_unavailable', 'Microsoft’s answer is not as expected.');
      }
      return {
        deviceCode: read.data.device_code,
        userCode: read.data.user_code,
        verificationUri: read.data.verification_uri,
        expiresInSeconds: Math.min(read.data.expires_in, 3600),
        intervalSeconds: Math.min(Math.ceil(read.data.interval), 60),
      };
    },

    async poll(deviceCode) {
      const reply = await post(endpoints.token, {
        grant_type: 'urn:ietf:params:oauth:grant-type:device_code',
        client_id: entra.clientId,
        device_code: deviceCode,
        client_info: '1',
      });
      const { refresh_token: refreshToken, error } = reply.body;
      if (reply.status < 400 && typeof refreshToken === 'string') return { kind: 'tokens', refreshToken };
      if (error === 'authorization_pending') return { kind: 'pending' };
      if (error === 'slow_down') return { kind: 'slow_down' };
      if (error === 'authorization_declined' || error === 'access_denied') {
        throw new AppError('access_denied', 'The sign-in was declined.');
      }
      if (error === 'expired_token' || error === 'code_expired' || error === 'bad_verification_code') {
        throw new AppError('flow_expired', 'The code is no longer valid. Start again.');
      }
      throw toEntraFailure(undefined, reply);
    },
  };
}

/** What a person is told to open is a page of the web; on this machine it may be plain http. */
function isPage(address: string, entra: Config['entra']): boolean {
  const url = new URL(address);
  return url.protocol === 'https:' || (isLoopback(url) && isLoopback(new URL(entra.authorityHost)));
}
