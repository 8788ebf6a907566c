import { hash32, hashText } from '../seed/hash32.ts';

/** Where a delta reader stands. */
export type DeltaCursor =
  /** Enumerating everything; `head` is where the changes since its start begin, `since` skips what is older (ms). */
  | { readonly mode: 'all'; readonly head: number; readonly position: number; readonly since: number }
  /** Reading changes after `after`. */
  | { readonly mode: 'changes'; readonly after: number };

export interface IssuedCursor {
  readonly cursor: DeltaCursor;
  /** Epoch ms. */
  readonly issued: number;
}

/** An opaque token; it fits one drive only. */
export function writeCursor(driveId: string, { cursor, issued }: IssuedCursor): string {
  const parts =
    cursor.mode === 'all'
      ? ['a', cursor.head, cursor.position, cursor.since, issued]
      : ['c', cursor.after, 0, 0, issued];
  const text = parts.map((part) => (typeof part === 'number' ? part.toString(36) : part)).join('.');
  return Buffer.from(`${text}.${checksum(driveId, text)}`).toString('base64url');
}

/** Undefined when the token isn't one of this drive's. */
export function readCursor(driveId: string, token: string): IssuedCursor | undefined {
  const parts = Buffer.from(token, 'base64url').toString('latin1').split('.');
  const check = parts.pop();
  if (parts.length !== 5 || check !== checksum(driveId, parts.join('.'))) return undefined;
  const [head = 0, position = 0, since = 0, issued = 0] = parts
    .slice(1)
    .map((part) => Number.parseInt(part, 36));
  if (parts[0] === 'a') return { cursor: { mode: 'all', head, position, since }, issued };
  return { cursor: { mode: 'changes', after: head }, issued };
}

function checksum(driveId: string, text: string): string {
  return hash32(hashText(driveId), hashText(text)).toString(36);
}
