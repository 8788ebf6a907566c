import { newId, type Random } from '../../ports.ts';

/**
 * What tokens and codes of this installation look like: `gva_<20 characters of an id>_<43 characters>`, so that secret scanners
 * find them. The id leads to a row, the second part (256 random bits in base64url) proves it.
 */
export type TokenKind =
  /** Access token */
  | 'gva'
  /** Refresh token */
  | 'gvr'
  /** Authorization code */
  | 'gvc'
  /** Device code */
  | 'gvd'
  /** Handle of an on-behalf-of sign-in */
  | 'gvh';

const shape = /^(gv[acdhr])_([a-z2-7]{20})_[\w-]{43}$/;

export function newTokenId(random: Random): string {
  return newId('x', random).slice(2);
}

export function formatToken(kind: TokenKind, id: string, random: Random): string {
  return `${kind}_${id}_${random(32).toString('base64url')}`;
}

/** The id within a token of this kind; undefined for any other text. It proves nothing. */
export function idOfToken(kind: TokenKind, text: string): string | undefined {
  const parts = shape.exec(text);
  return parts?.[1] === kind ? parts[2] : undefined;
}
