import { z } from 'zod';
import type { CliEnvironment } from './environment.ts';
import { CliFailure } from './failure.ts';

/** How a job proves who it is at the token endpoint. */
export interface CallerProof {
  readonly form: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string>>;
}

const exchange = 'urn:ietf:params:oauth:grant-type:token-exchange';
const idTokenType = 'urn:ietf:params:oauth:token-type:id_token';

/**
 * By what the environment holds: a key, a token of an issuer, or GitHub Actions, which is asked for a token made for `url`.
 * Undefined where there is none of them. Throws `id_token_unavailable`.
 */
export async function callerProof(
  environment: CliEnvironment,
  url: string,
  fetch: typeof globalThis.fetch,
): Promise<CallerProof | undefined> {
  const { caller, idToken, gitHub } = environment;
  if (caller) {
    const pair = `${encodeURIComponent(caller.id)}:${encodeURIComponent(caller.key)}`;
    return {
      form: { grant_type: 'client_credentials' },
      headers: { authorization: `Basic ${Buffer.from(pair).toString('base64')}` },
    };
  }
  const token = idToken ?? (gitHub && (await gitHubToken(gitHub, url, fetch)));
  if (token === undefined) return undefined;
  return {
    form: { grant_type: exchange, subject_token: token, subject_token_type: idTokenType },
    headers: {},
  };
}

async function gitHubToken(
  ask: { readonly url: string; readonly token: string },
  audience: string,
  fetch: typeof globalThis.fetch,
): Promise<string> {
  const address = new URL(ask.url);
  address.searchParams.set('audience', audience);
  try {
    const answer = await fetch(address, {
      headers: { authorization: `Bearer ${ask.token}` },
      signal: AbortSignal.timeout(15_000),
    });
    return z.object({ value: z.string() }).parse(await answer.json()).value;
  } catch (cause) {
    throw new CliFailure('id_token_unavailable', 'GitHub Actions gave no token.', {
      exit: 'tryLater',
      next: 'The job needs "permissions: id-token: write".',
      cause,
    });
  }
}
