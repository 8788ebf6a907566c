import { createLocalJWKSet, type JWTVerifyGetKey } from 'jose';
import { z } from 'zod';
import { AppError } from '../errors.ts';
import type { Clock, Fetch } from '../ports.ts';
import { fetchJson } from './fetch-json.ts';
import { addressProblem } from './public-address.ts';

/** The signing keys of one issuer, from its discovery document. */
export interface IssuerKeys {
  /**
   * How to verify what was signed with this key; undefined when the issuer has no such key. Throws
   * `upstream_unavailable` while the keys can't be read.
   */
  find(keyId: string): Promise<JWTVerifyGetKey | undefined>;
}

const discovery = z.object({ issuer: z.string(), jwks_uri: z.string() });
const keySet = z.object({
  keys: z.array(z.looseObject({ kty: z.string() })).max(200),
});

/** Keys are read again after this time, so that a withdrawn key is not trusted for long. */
const freshForMs = 60 * 60_000;
/** While the issuer does not answer, the keys that we have are good for this long after they were read. */
const staleForMs = 6 * 60 * 60_000;
/** The issuer is asked at most once in this time, whatever key ids callers make up. */
const minIntervalMs = 60_000;

interface Known {
  readonly getKey: JWTVerifyGetKey;
  readonly keyIds: ReadonlySet<string>;
  readonly readAt: number;
}

export function createIssuerKeys(deps: {
  readonly issuer: string;
  /** Where the keys are, when that is known without asking. */
  readonly keysUrl?: string;
  readonly fetch: Fetch;
  readonly clock: Clock;
  readonly allowLoopback: boolean;
}): IssuerKeys {
  const { issuer, fetch, clock, allowLoopback } = deps;
  let known: Known | undefined;
  let lastAttempt: { at: number; failure?: unknown } | undefined;
  let reading: Promise<void> | undefined;

  async function findKeysUrl(): Promise<string> {
    if (deps.keysUrl !== undefined) return deps.keysUrl;
    const documentUrl = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
    const document = discovery.safeParse(await fetchJson(fetch, documentUrl, "The issuer's configuration"));
    if (!document.success || document.data.issuer !== issuer) {
      throw unusable('its configuration names another issuer');
    }
    const problem = addressProblem(document.data.jwks_uri, allowLoopback);
    if (problem) throw unusable(`its jwks_uri ${problem}`);
    return document.data.jwks_uri;
  }

  async function read(): Promise<Known> {
    const set = keySet.safeParse(await fetchJson(fetch, await findKeysUrl(), "The issuer's keys"));
    if (!set.success) throw unusable('its key set has an unexpected shape');
    return {
      getKey: createLocalJWKSet(set.data),
      keyIds: new Set(set.data.keys.flatMap((key) => (typeof key.kid === 'string' ? key.kid : []))),
      readAt: clock(),
    };
  }

  /** One read at a time, and none sooner than the minimum interval after the last attempt. */
  async function refresh(): Promise<void> {
    if (lastAttempt && isWithin(clock() - lastAttempt.at, minIntervalMs)) return;
    reading ??= (async () => {
      const attempt: { at: number; failure?: unknown } = { at: clock() };
      lastAttempt = attempt;
      try {
        known = await read();
      } catch (error) {
        attempt.failure = error;
      }
    })().finally(() => {
      reading = undefined;
    });
    await reading;
  }

  function unusable(detail: string): AppError {
    return new AppError(
      'upstream_unavailable',
      'The keys of the issuer could not be read. Try again shortly.',
      {
        detail: `issuer ${new URL(issuer).host}: ${detail}`,
        retryable: true,
        retryAfter: 60,
      },
    );
  }

  return {
    async find(keyId) {
      if (reading) await reading;
      const fresh = known && isWithin(clock() - known.readAt, freshForMs);
      if (!fresh || !known?.keyIds.has(keyId)) await refresh();
      if (!known || !isWithin(clock() - known.readAt, staleForMs)) {
        throw lastAttempt?.failure ?? unusable('no keys were read');
      }
      return known.keyIds.has(keyId) ? known.getKey : undefined;
    },
  };
}

function isWithin(age: number, limit: number): boolean {
  return age >= 0 && age < limit;
}
