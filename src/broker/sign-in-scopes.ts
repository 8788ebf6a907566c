import { graphResource } from './issued-token.ts';

const openId = ['openid', 'profile', 'offline_access'];
const ofGraph = (scope: string) => `${graphResource}/${scope}`;

/** What a sign-in asks for: the person's own files, those that they may open, and the profile. */
export const signInScopes: readonly string[] = [
  ...openId,
  ...['User.Read', 'Files.ReadWrite.All', 'Sites.Read.All'].map(ofGraph),
];

/** The same for a personal account, which has no sites. */
export const personalScopes: readonly string[] = [
  ...openId,
  ...['User.Read', 'Files.ReadWrite.All'].map(ofGraph),
];

/** `scopes` with further permissions of Graph, given in short form. */
export function withExtraScopes(scopes: readonly string[], extra: readonly string[]): string[] {
  return [...new Set([...scopes, ...extra.map(ofGraph)])];
}
