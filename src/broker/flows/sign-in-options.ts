import { z } from 'zod';
import type { Config } from '../../config.ts';
import { AppError } from '../../errors.ts';
import { personalScopes, signInScopes, withExtraScopes } from '../sign-in-scopes.ts';
import { personalTenantId } from '../token-check.ts';

const options = z.object({
  login_hint: z.string().max(256).optional(),
  domain_hint: z.string().max(256).optional(),
  prompt: z.enum(['login', 'consent', 'select_account']).optional(),
  max_age: z.coerce
    .number()
    .int()
    .min(0)
    .max(86_400 * 90)
    .optional(),
  account: z.enum(['work', 'personal']).default('work'),
  scope: z.string().max(1_000).default(''),
  /** A challenge that Microsoft or an API has set, passed on as it is. */
  claims: z.string().max(4_000).optional(),
});

/** What one sign-in asks of Microsoft. */
export interface SignInOptions {
  readonly tenantId: string;
  /** Of OpenID Connect and of Graph, as they are sent. */
  readonly scopes: readonly string[];
  /** The person must have proved who they are at most so many seconds ago. */
  readonly maxAge: number | undefined;
  /** What is added to the address of Microsoft's page. */
  readonly hints: Readonly<Record<string, string>>;
}

/** Throws `invalid_request`, `invalid_scope` for a permission that the settings do not name, and `forbidden` for a kind of account that they don't. */
export function readSignInOptions(
  given: URLSearchParams,
  config: Pick<Config, 'entra' | 'signIn'>,
): SignInOptions {
  const read = options.safeParse(Object.fromEntries([...given].filter(([name]) => name in options.shape)));
  if (!read.success) {
    throw new AppError(
      'invalid_request',
      'An option of this sign-in is not valid: login_hint, domain_hint, prompt (login, consent, select_account), max_age, account (work, personal), scope, claims.',
    );
  }
  const { account, scope, max_age: maxAge, login_hint: hint, ...others } = read.data;
  // Microsoft takes no account for granted while it asks which one.
  const hints = { ...others, login_hint: others.prompt === 'select_account' ? undefined : hint };
  if (account === 'personal' && !config.signIn.personal) {
    throw new AppError(
      'forbidden',
      'Personal Microsoft accounts are switched off here. An administrator can switch them on with GRAPH_VALET_SIGN_IN_WAYS.',
    );
  }
  const usual = account === 'personal' ? personalScopes : signInScopes;
  return {
    tenantId: account === 'personal' ? personalTenantId : config.entra.tenantId,
    scopes: withExtraScopes(usual, extraScopes(scope, config.signIn.extraScopes)),
    maxAge,
    hints: {
      ...Object.fromEntries(
        Object.entries(hints).filter((pair): pair is [string, string] => pair[1] !== undefined),
      ),
      ...(maxAge === undefined ? {} : { max_age: String(maxAge) }),
    },
  };
}

/** In the spelling of the settings. */
function extraScopes(asked: string, allowed: readonly string[]): string[] {
  return asked
    .split(' ')
    .filter(Boolean)
    .map((scope) => {
      const found = allowed.find((each) => each.toLowerCase() === scope.toLowerCase());
      if (found) return found;
      throw new AppError(
        'invalid_scope',
        'A sign-in may ask only for permissions that an administrator has named in GRAPH_VALET_EXTRA_SCOPES.',
      );
    });
}
