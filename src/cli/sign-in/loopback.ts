import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  authorizationCodeGrant,
  buildAuthorizationUrl,
  calculatePKCECodeChallenge,
  randomPKCECodeVerifier,
  randomState,
  type TokenEndpointResponse,
} from 'openid-client';
import { CliFailure } from '../failure.ts';
import { oauthFailure, ownClient } from '../tokens/own-client.ts';

export interface LoopbackOptions {
  /** Gets the address that the person must open. */
  readonly show: (address: string) => Promise<void>;
  readonly limitMs?: number;
}

const threeMinutesMs = 180_000;

/**
 * Signs a person in by their browser (RFC 8252): a server on 127.0.0.1 with a port of the system's choice takes one request,
 * which must bring our state, within three minutes. Throws `access_denied`, `timed_out`, `flow_mismatch`.
 */
export async function signInByLoopback(
  url: string,
  options: LoopbackOptions,
): Promise<TokenEndpointResponse> {
  const client = ownClient(url);
  const verifier = randomPKCECodeVerifier();
  const state = randomState();
  const waiting = await waitForOne(options.limitMs ?? threeMinutesMs);
  try {
    const address = buildAuthorizationUrl(client, {
      redirect_uri: waiting.redirectUri,
      scope: 'api',
      state,
      code_challenge: await calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
    });
    await options.show(address.href);
    const back = await waiting.request;
    if (back.searchParams.get('state') !== state) {
      throw new CliFailure('flow_mismatch', 'The answer that arrived is not of this sign-in.', {
        exit: 'signInNeeded',
        next: `graph-valet login --url ${url}`,
      });
    }
    const checks = { expectedState: state, pkceCodeVerifier: verifier };
    return await authorizationCodeGrant(client, back, checks);
  } catch (error) {
    throw oauthFailure(error, `graph-valet login --url ${url}`);
  } finally {
    waiting.stop();
  }
}

/** One request to /callback on this machine. */
async function waitForOne(limitMs: number) {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const { promise, resolve, reject } = Promise.withResolvers<URL>();
  // Whoever gave up before the answer came has nothing to hear.
  promise.catch(() => undefined);
  const timer = setTimeout(() => {
    reject(
      new CliFailure('timed_out', 'Nobody finished the sign-in in the browser in time.', {
        exit: 'timedOut',
        next: 'graph-valet login, or graph-valet login --device on a machine without a browser',
      }),
    );
  }, limitMs);

  server.on('request', (request, response) => {
    const target = URL.parse(request.url ?? '', `http://${host}`);
    // A page elsewhere that has this address under another name is not our browser.
    const ours =
      request.method === 'GET' && request.headers.host === host && target?.pathname === '/callback';
    response.writeHead(ours ? 200 : 404, {
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
      'referrer-policy': 'no-referrer',
      connection: 'close',
    });
    response.end(ours ? done : '');
    if (!ours) return;
    server.close();
    resolve(target);
  });

  return {
    redirectUri: `http://${host}/callback`,
    request: promise,
    stop() {
      clearTimeout(timer);
      server.close();
      server.closeIdleConnections();
    },
  };
}

const done = `<!doctype html><html lang="en"><title>Graph Valet</title>
<p>Back to the terminal: it says whether the sign-in worked. This tab can be closed.</p></html>`;
