import type { ICachePlugin } from '@azure/msal-node';
import { z } from 'zod';

const entity = z.looseObject({ environment: z.string() });

/** One account and its refresh token, as MSAL writes them: key and entity. */
export const msalCredentialsSchema = z.object({
  account: z.object({ key: z.string(), entity }),
  refreshToken: z.object({ key: z.string(), entity: entity.extend({ secret: z.string() }) }),
});
export type MsalCredentials = z.infer<typeof msalCredentialsSchema>;

const serialized = z.object({
  Account: z.record(z.string(), entity),
  RefreshToken: z.record(z.string(), entity.extend({ secret: z.string() })),
});

export interface MsalPartition {
  readonly plugin: ICachePlugin;
  /** The account and refresh token that MSAL holds now; undefined unless it holds exactly one of each. */
  credentials(): MsalCredentials | undefined;
}

/**
 * The cache of one acquisition: MSAL sees the credentials of one account, and what it makes of them stays in memory
 * until somebody who has checked it stores it. `environment` is the authority's host now: it differs from the stored one
 * when the identity platform moved to another address.
 */
export function createMsalPartition(environment: string, stored?: MsalCredentials): MsalPartition {
  let text = stored ? JSON.stringify(toCache(stored, environment)) : '';
  return {
    plugin: {
      async beforeCacheAccess(context) {
        if (text) context.tokenCache.deserialize(text);
      },
      async afterCacheAccess(context) {
        if (context.cacheHasChanged) text = context.tokenCache.serialize();
      },
    },
    credentials() {
      const cache = text ? serialized.parse(JSON.parse(text)) : { Account: {}, RefreshToken: {} };
      const [account, ...otherAccounts] = Object.entries(cache.Account);
      const [token, ...otherTokens] = Object.entries(cache.RefreshToken);
      if (!account || !token || otherAccounts.length > 0 || otherTokens.length > 0) return undefined;
      return {
        account: { key: account[0], entity: account[1] },
        refreshToken: { key: token[0], entity: token[1] },
      };
    },
  };
}

function toCache({ account, refreshToken }: MsalCredentials, environment: string) {
  const move = <E extends { environment: string }>({ key, entity }: { key: string; entity: E }) => ({
    [key.replace(entity.environment, environment)]: { ...entity, environment },
  });
  return {
    Account: move(account),
    IdToken: {},
    AccessToken: {},
    RefreshToken: move(refreshToken),
    AppMetadata: {},
  };
}
