import type { Directory } from '../directory/directory.ts';
import type { Urls } from '../http/route.ts';
import type { Ledger } from '../ledger.ts';
import type { Seeded } from '../seed.ts';
import type { AccessTokens } from './access-tokens.ts';
import type { SigningKeys } from './signing-keys.ts';
import type { SwitchBoard } from './switches.ts';
import type { Tokens } from './tokens.ts';

/** What the identity platform is made of; built once in tenant.ts. */
export interface IdentityWorld {
  readonly directory: Directory;
  readonly tokens: Tokens;
  readonly accessTokens: AccessTokens;
  readonly keys: SigningKeys;
  readonly switches: SwitchBoard;
  /** Milliseconds since 1970, as the tenant's (possibly skewed) clock has it. */
  readonly clock: () => number;
  readonly random: () => number;
  readonly seeded: Seeded;
  /** Counts token requests: `token:<grant>` and `token:<grant>:<error>`. */
  readonly ledger: Ledger;
  /** Base URLs for work that no exchange started. */
  readonly urls: () => Urls;
}
