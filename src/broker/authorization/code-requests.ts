import { createHash } from 'node:crypto';
import { z } from 'zod';
import { AppError, isAppError } from '../../errors.ts';
import { newId, type Ports } from '../../ports.ts';
import type { Storage } from '../../storage/storage.ts';
import { sameDigest, sha256 } from '../digest.ts';
import { createFlowRows } from '../flows/flow-rows.ts';
import { createRateLimit } from '../rate-limit.ts';
import type { Person } from '../sessions.ts';
import type { TokenOwner } from './broker-tokens.ts';
import { requireLoopbackRedirect, withAnswer } from './loopback-redirect.ts';
import { ownerSchema } from './owner.ts';
import { requireApiScope, requirePublicClient } from './public-clients.ts';
import { formatToken, newTokenId } from './token-text.ts';

const request = z.object({
  clientId: z.string(),
  clientName: z.string(),
  redirectUri: z.string(),
  state: z.string().optional(),
  challenge: z.string(),
});

const code = z.object({
  clientId: z.string(),
  redirectUri: z.string(),
  challenge: z.string(),
  owner: ownerSchema,
  /** The family that it became: a second use ends it. */
  family: z.string().optional(),
});

export interface CodeRequest {
  readonly id: string;
  readonly clientName: string;
  /** `127.0.0.1:51234` */
  readonly host: string;
  /** What only the page of this person holds: it makes the person's click on a link count. */
  readonly key: string;
}

/** Programs that sign a person in by their browser (authorization code with PKCE, RFC 8252). */
export interface CodeRequests {
  /**
   * Notes what a program asks for. Either the id of the request, which goes before the person, or an address that tells the
   * program what is wrong. Throws where it is not known who asks: `invalid_client`, `invalid_request`.
   */
  begin(query: URLSearchParams): Promise<{ readonly id: string } | { readonly location: string }>;
  /** For the page that asks this person. Undefined: not known, or over. */
  view(id: string, person: Person): Promise<CodeRequest | undefined>;
  /** The address with which the browser goes back to the program. Throws `flow_mismatch`, `flow_expired`. */
  decide(id: string, person: Person, answer: { key: string; allow: boolean }): Promise<string>;
  /**
   * The person, for a code that was given out for these values. `began` must be told the family that it became. A code that
   * comes twice ends what it became. Throws `invalid_grant`.
   */
  redeem(given: {
    code: string;
    clientId: string;
    redirectUri: string | null;
    verifier: string | null;
  }): Promise<{ readonly owner: TokenOwner; began(family: string): Promise<void> }>;
  /** Ends the codes that were given out under this connection. */
  endAllOf(connectionId: string): Promise<void>;
}

const requestSeconds = 15 * 60;
const codeSeconds = 60;

export function createCodeRequests(deps: {
  readonly issuer: string;
  readonly storage: Pick<Storage, 'sealedTable'>;
  readonly endFamily: (id: string) => Promise<void>;
  readonly ports: Pick<Ports, 'clock' | 'random'>;
}): CodeRequests {
  const { issuer } = deps;
  const { clock, random } = deps.ports;
  const requests = createFlowRows(deps.storage, clock, { partition: 'code-request', schema: request });
  const codes = createFlowRows(deps.storage, clock, { partition: 'code', schema: code });
  const begins = createRateLimit({ clock, requests: 120, windowSeconds: 60 });

  const keyOf = (id: string, person: Person) => sha256(`${id} ${person.csrf}`);
  const read = async (id: string) => (/^arq_[a-z2-7]{20}$/.test(id) ? requests.read(id) : undefined);

  return {
    async begin(query) {
      if (new Set(query.keys()).size !== [...query].length) {
        throw new AppError('invalid_request', 'A parameter is given more than once.');
      }
      const client = requirePublicClient(query.get('client_id'));
      const redirectUri = requireLoopbackRedirect(query.get('redirect_uri'));
      const state = query.get('state') ?? undefined;
      try {
        if (state !== undefined && state.length > 500) throw invalid('state is longer than 500 characters.');
        if (query.get('response_type') !== 'code') throw invalid('response_type must be code.');
        if (query.get('code_challenge_method') !== 'S256')
          throw invalid('code_challenge_method must be S256.');
        const challenge = query.get('code_challenge') ?? '';
        if (!/^[\w-]{43}$/.test(challenge)) throw invalid('code_challenge must have 43 characters.');
        requireApiScope(query.get('scope'));
        const over = begins.take('begin');
        if (over) throw new AppError('rate_limited', 'There were too many attempts. Wait a minute.');
        const id = newId('arq', random);
        const asked = { clientId: client.id, clientName: client.name, redirectUri, challenge };
        await requests.put(id, { ...asked, ...(state === undefined ? {} : { state }) }, requestSeconds);
        return { id };
      } catch (error) {
        if (!isAppError(error)) throw error;
        const name = { invalid_request: 'invalid_request', invalid_scope: 'invalid_scope' }[
          String(error.code)
        ];
        const answer = {
          error: name ?? 'temporarily_unavailable',
          error_description: error.message,
          iss: issuer,
        };
        return { location: withAnswer(redirectUri, { ...answer, state }) };
      }
    },

    async view(id, person) {
      const row = await read(id);
      if (!row || row.expired) return undefined;
      const { clientName, redirectUri } = row.value;
      return { id, clientName, host: new URL(redirectUri).host, key: keyOf(id, person) };
    },

    async decide(id, person, { key, allow }) {
      const row = await read(id);
      if (!row || !sameDigest(key, keyOf(id, person)) || !(await row.take())) {
        throw new AppError(
          'flow_mismatch',
          'This sign-in is over, or began in another browser. Start again.',
        );
      }
      if (row.expired) throw new AppError('flow_expired', 'This sign-in took too long. Start again.');
      const { clientId, redirectUri, challenge, state } = row.value;
      if (!allow) {
        return withAnswer(redirectUri, { error: 'access_denied', state, iss: issuer });
      }
      const text = formatToken('gvc', newTokenId(random), random);
      await codes.put(
        text,
        { clientId, redirectUri, challenge, owner: ownerSchema.parse(person) },
        codeSeconds,
      );
      return withAnswer(redirectUri, { code: text, state, iss: issuer });
    },

    async endAllOf(connectionId) {
      await codes.endAll(({ owner }) => owner.connectionId === connectionId);
    },

    async redeem(given) {
      const row = given.code.length < 200 ? await codes.read(given.code) : undefined;
      if (!row) throw refused();
      const { value } = row;
      if (value.family !== undefined) {
        // Two have it: what the first one got must not serve on.
        if (value.family !== '') await deps.endFamily(value.family);
        throw refused();
      }
      const fits =
        !row.expired &&
        value.clientId === given.clientId &&
        value.redirectUri === given.redirectUri &&
        proves(given.verifier, value.challenge);
      // Whatever was wrong, there is no second try.
      if (!(await row.change({ ...value, family: '' })) || !fits) throw refused();
      return {
        owner: value.owner,
        async began(family) {
          const used = await codes.read(given.code);
          await used?.change({ ...used.value, family });
        },
      };
    },
  };
}

function proves(verifier: string | null, challenge: string): boolean {
  if (verifier === null || !/^[\w.~-]{43,128}$/.test(verifier)) return false;
  const made = createHash('sha256').update(verifier).digest('base64url');
  return sameDigest(sha256(made), sha256(challenge));
}

function invalid(message: string): AppError {
  return new AppError('invalid_request', message);
}

function refused(): AppError {
  return new AppError(
    'invalid_grant',
    'The code is not good here: it is unknown, used, too old, or of another program.',
  );
}
