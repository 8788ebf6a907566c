import { graphResource } from './issued-token.ts';

/** What a sign-in asks for: the person's own files, those that they may open, and the profile. */
export const signInScopes: readonly string[] = [
  'openid',
  'profile',
  'offline_access',
  ...['User.Read', 'Files.ReadWrite.All', 'Sites.Read.All'].map((scope) => `${graphResource}/${scope}`),
];
