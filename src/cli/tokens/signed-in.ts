import { refreshTokenGrant } from 'openid-client';
import { CliFailure } from '../failure.ts';
import { oauthFailure, ownClient, toSavedSignIn } from './own-client.ts';
import type { SavedSignIn, TokensFile } from './tokens-file.ts';

/** A token with less than this left is replaced before it is used. */
const marginMs = 60_000;

/** The access token of the person who signed in to `url` on this machine. Throws `not_signed_in`. */
export async function accessToken(file: TokensFile, url: string): Promise<string> {
  const saved = await file.get(url);
  if (!saved) throw notSignedIn(url);
  if (isFresh(saved)) return saved.accessToken;
  // A refresh token is good once: two processes that spent the same one would both be signed out.
  return file.locked(async () => {
    const now = await file.get(url);
    if (!now) throw notSignedIn(url);
    if (isFresh(now)) return now.accessToken;
    const next = await refreshed(url, now);
    await file.set(url, next);
    return next.accessToken;
  });
}

async function refreshed(url: string, saved: SavedSignIn): Promise<SavedSignIn> {
  try {
    return toSavedSignIn(await refreshTokenGrant(ownClient(url), saved.refreshToken), saved.username);
  } catch (error) {
    throw oauthFailure(error, `graph-valet login --url ${url}`);
  }
}

function isFresh({ expiresAt }: SavedSignIn): boolean {
  return expiresAt - Date.now() > marginMs;
}

function notSignedIn(url: string): CliFailure {
  return new CliFailure('not_signed_in', `You are not signed in to ${url} on this machine.`, {
    exit: 'signInNeeded',
    next: `graph-valet login --url ${url}`,
  });
}
