import { z } from 'zod';

/**
 * What /control/identity can change. Where the contract is unsure (its section 11) the default is the one listed there.
 */
export const switchesSchema = z.strictObject({
  /** Lifetime of access tokens in seconds; null draws 60 to 90 minutes as Entra does. */
  accessTokenSeconds: z.number().positive().nullable().default(null),
  /** Lifetime of a token for a client that declared cp1; null gives 24 h. */
  caeTokenSeconds: z.number().positive().nullable().default(null),
  refreshTokenSeconds: z
    .number()
    .positive()
    .default(90 * 86_400),
  codeSeconds: z.number().positive().default(600),
  deviceCodeSeconds: z.number().positive().default(900),
  deviceInterval: z.number().positive().default(5),
  /** Sends refresh_in (half of the lifetime). */
  refreshIn: z.boolean().default(false),
  /** A refresh token dies when it is used. */
  strictRotation: z.boolean().default(false),
  invalidClientStatus: z.union([z.literal(400), z.literal(401)]).default(401),
  scopeSpelling: z.enum(['short', 'uri']).default('short'),
  /** The `error` of 50076 on a refresh. */
  mfaError: z.enum(['invalid_grant', 'interaction_required']).default('invalid_grant'),
  graphAudience: z
    .enum(['https://graph.microsoft.com', '00000003-0000-0000-c000-000000000000'])
    .default('https://graph.microsoft.com'),
  /** UPNs, or '*', that must pass a second factor before a refresh token works again. */
  requireMfa: z.array(z.string()).default([]),
  /** UPNs, or '*', that Conditional Access blocks (53003). */
  block: z.array(z.string()).default([]),
  /** Answers 429 with AADSTS90055 and this Retry-After to every token request; null answers normally. */
  throttleSeconds: z.number().positive().nullable().default(null),
  /** `/v2.0/adminconsent` under `common` is accepted, though one page forbids it. */
  adminConsentOnCommon: z.boolean().default(true),
  /** Seconds before a granted application permission shows in tokens. */
  consentDelaySeconds: z.number().min(0).default(0),
});

export type Switches = z.infer<typeof switchesSchema>;

/** Holds the current switches; `set` changes the named ones, `reset` restores the defaults. */
export interface SwitchBoard {
  get(): Switches;
  set(changes: unknown): Switches;
  reset(): Switches;
}

export function createSwitchBoard(onChange: () => void): SwitchBoard {
  let current = switchesSchema.parse({});
  const keep = (next: Switches) => {
    current = next;
    onChange();
    return current;
  };
  return {
    get: () => current,
    set: (changes) =>
      keep(switchesSchema.parse({ ...current, ...z.record(z.string(), z.unknown()).parse(changes) })),
    reset: () => keep(switchesSchema.parse({})),
  };
}
