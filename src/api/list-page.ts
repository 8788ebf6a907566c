import { z } from 'zod';
import { AppError } from '../errors.ts';

/** The query of a list: how many, and the place where the page before ended. */
export const pageQuery = z.object({
  limit: z.coerce.number().int().min(1).max(1_000).default(100),
  after: z.string().max(400).optional(),
});

/** The shape of every list answer. */
export function listOf<T extends z.ZodType>(item: T) {
  return z.object({ value: z.array(item), nextLink: z.url().optional() });
}

/**
 * One page of `items` in the order of `keyOf`, which must be unique. `address` is the list's own URL; `nextLink` is
 * there when more follow, with the same `filters`.
 */
export function pageOf<T>(
  items: readonly T[],
  page: z.output<typeof pageQuery>,
  keyOf: (item: T) => string,
  address: string,
  filters: Readonly<Record<string, string | undefined>> = {},
): { value: T[]; nextLink?: string } {
  const start = page.after === undefined ? undefined : decodeCursor(page.after);
  const keyed = items
    .map((item) => ({ key: keyOf(item), item }))
    .filter(({ key }) => start === undefined || key > start)
    .sort((a, b) => (a.key < b.key ? -1 : 1));
  const value = keyed.slice(0, page.limit);
  const last = value.at(-1);
  const more = keyed.length > value.length && last !== undefined;
  return {
    value: value.map(({ item }) => item),
    ...(more ? { nextLink: nextLink(address, page.limit, encodeCursor(last.key), filters) } : {}),
  };
}

/** `address` with the query that asks for the page after `after`. */
export function nextLink(
  address: string,
  limit: number,
  after: string,
  filters: Readonly<Record<string, string | undefined>> = {},
): string {
  const url = new URL(address);
  for (const [name, value] of Object.entries(filters)) {
    if (value !== undefined) url.searchParams.set(name, value);
  }
  url.searchParams.set('limit', String(limit));
  url.searchParams.set('after', after);
  return url.href;
}

/** Times in the API are ISO 8601 in UTC; inside they are milliseconds. */
export function isoTime(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}

function encodeCursor(key: string): string {
  return Buffer.from(key).toString('base64url');
}

function decodeCursor(text: string): string {
  if (!/^[\w-]+$/.test(text)) {
    throw new AppError('invalid_request', 'The parameter after must be taken from a nextLink.');
  }
  return Buffer.from(text, 'base64url').toString('utf8');
}
