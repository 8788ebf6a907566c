import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { StatePart } from '../state.ts';
import { Refusal } from './aadsts.ts';
import type { Tokens } from './tokens.ts';

const code = z.object({
  kind: z.literal('code'),
  id: z.string(),
  clientId: z.string(),
  userId: z.string(),
  redirectUri: z.string(),
  scope: z.string(),
  nonce: z.string().optional(),
  challenge: z.string().optional(),
  challengeMethod: z.enum(['S256', 'plain']).optional(),
  /** Tenant segment at which it was issued. */
  segment: z.string(),
  authTime: z.number(),
  methods: z.array(z.string()),
  maxAge: z.boolean(),
  capable: z.boolean(),
  exp: z.number(),
});
export type CodeGrant = z.infer<typeof code>;

const refresh = z.object({
  kind: z.literal('refresh'),
  id: z.string(),
  clientId: z.string(),
  userId: z.string(),
  scope: z.string(),
  authTime: z.number(),
  methods: z.array(z.string()),
  /** Epoch seconds. */
  issuedAt: z.number(),
  spa: z.boolean(),
  exp: z.number(),
});
export type RefreshGrant = z.infer<typeof refresh>;

const used = z.array(z.tuple([z.string(), z.number()]));

/** Codes and refresh tokens: readable by this tenant only, so that nothing but what was used must be remembered. */
export interface SealedGrants extends StatePart {
  seal(grant: Omit<CodeGrant, 'id'> | Omit<RefreshGrant, 'id'>): string;
  /** Spends the code. Throws 70008 (expired), 54005 (used), 70000 (not a code of ours). */
  takeCode(text: string): Promise<CodeGrant>;
  /** Throws 70000, 700082; with strict rotation a used one is 70000 too. */
  readRefresh(text: string): Promise<RefreshGrant>;
  spend(grant: RefreshGrant): void;
}

export function createSealedGrants(parts: {
  readonly tokens: Tokens;
  readonly clock: () => number;
  readonly onChange: () => void;
}): SealedGrants {
  /** Ids that were used, with the second after which they may be forgotten. */
  let spent = new Map<string, number>();

  async function open(text: string): Promise<unknown> {
    const payload = await parts.tokens.open(text.replace(/^[01]\.A[XR]\./, '')).catch(() => undefined);
    if (payload) return payload;
    throw new Refusal('invalid_grant', 70000, 'Provided grant is invalid or malformed.');
  }

  function remember(id: string, until: number): void {
    const now = parts.clock() / 1000;
    for (const [known, end] of spent) if (end < now) spent.delete(known);
    spent.set(id, until);
    parts.onChange();
  }

  const seconds = () => Math.floor(parts.clock() / 1000);
  return {
    seal(grant) {
      // Sealed texts are refused as expired by us, with the code of the grant, and not by the reader of tokens.
      const { exp, ...rest } = grant;
      const prefix = grant.kind === 'code' ? '1.AX.' : '1.AR.';
      return prefix + parts.tokens.seal({ ...rest, id: randomUUID(), until: exp });
    },
    async takeCode(text) {
      const found = code.safeParse(withExpiry(await open(text)));
      if (!found.success)
        throw new Refusal('invalid_grant', 70000, 'Provided grant is invalid or malformed.');
      if (found.data.exp <= seconds()) {
        throw new Refusal(
          'invalid_grant',
          70008,
          'The provided authorization code or refresh token has expired due to inactivity. Send a new interactive authorization request for this user and resource.',
        );
      }
      if (spent.has(found.data.id)) {
        throw new Refusal(
          'invalid_grant',
          54005,
          'OAuth2 Authorization code was already redeemed, please retry with a new valid code or use an existing refresh token.',
        );
      }
      remember(found.data.id, found.data.exp);
      return found.data;
    },
    async readRefresh(text) {
      const found = refresh.safeParse(withExpiry(await open(text)));
      if (!found.success)
        throw new Refusal('invalid_grant', 70000, 'Provided grant is invalid or malformed.');
      if (found.data.exp <= seconds()) {
        const [number, why] = found.data.spa
          ? ([
              700084,
              'The refresh token was issued to a single page app (SPA), and therefore has a fixed, limited lifetime.',
            ] as const)
          : ([700082, 'The refresh token has expired due to inactivity.'] as const);
        throw new Refusal('invalid_grant', number, why);
      }
      if (spent.has(found.data.id)) {
        throw new Refusal('invalid_grant', 70000, 'The refresh token was already used.', {
          suberror: 'bad_token',
        });
      }
      return found.data;
    },
    spend: (grant) => remember(grant.id, grant.exp),
    save: () => [...spent],
    load(value) {
      spent = new Map(used.parse(value));
    },
  };
}

function withExpiry(payload: unknown): unknown {
  const read = z.looseObject({ until: z.number() }).safeParse(payload);
  return read.success ? { ...read.data, exp: read.data.until } : undefined;
}
