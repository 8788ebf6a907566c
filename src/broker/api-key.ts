import type { Random } from '../ports.ts';

/**
 * What a broker API key looks like: `gvk_<20 characters of the key's id>_<43 characters>`, so that secret scanners find
 * it. The second part is 256 random bits in base64url.
 */
export const apiKeyPattern = /^gvk_([a-z2-7]{20})_[A-Za-z0-9_-]{43}$/;

/** A new key for the id `key_…`. */
export function formatKey(id: string, random: Random): string {
  return `gvk_${id.slice('key_'.length)}_${random(32).toString('base64url')}`;
}

/** The id of the key, or undefined for a text of another shape. It proves nothing. */
export function idOfKey(key: string): string | undefined {
  const id = apiKeyPattern.exec(key)?.[1];
  return id ? `key_${id}` : undefined;
}
