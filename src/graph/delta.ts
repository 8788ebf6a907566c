import { z } from 'zod';
import { type DriveItem, driveItem, driveItemSelect } from './drive-item.ts';
import type { GraphClient } from './graph-client.ts';
import { isRawItem, type RawItem } from './raw-item.ts';

const page = z.object({
  value: z.array(driveItem),
  '@odata.nextLink': z.string().nullish(),
  '@odata.deltaLink': z.string().nullish(),
});

/** Exactly one of the two links is there: `nextLink` while there is more to read, `deltaLink` at the end. */
export interface DeltaPage {
  readonly items: readonly DriveItem[];
  readonly nextLink: string | undefined;
  readonly deltaLink: string | undefined;
}

/**
 * Where a drive's feed starts. Without `token` it enumerates the whole drive; with `latest` it is empty and ends in a deltaLink from
 * now on. The links that Graph gives keep the selection and page size, and are followed as they are.
 */
export function deltaStart(driveId: string, options: { token?: 'latest'; top?: number } = {}): string {
  const query = new URLSearchParams({ $select: driveItemSelect });
  if (options.top !== undefined) query.set('$top', String(options.top));
  if (options.token !== undefined) query.set('token', options.token);
  return `/drives/${encodeURIComponent(driveId)}/root/delta?${query.toString().replaceAll('%24', '$').replaceAll('%2C', ',')}`;
}

/**
 * One page. An empty page with a nextLink is normal: go on until the deltaLink. The same id may come again, and the last one
 * counts. Throws `resync_required` (410), with `details.location` where Graph says how to start again.
 */
export async function readDeltaPage(client: GraphClient, link: string): Promise<DeltaPage> {
  const { body } = await client.call({ path: link, schema: page });
  const nextLink = body['@odata.nextLink'] ?? undefined;
  return {
    items: body.value,
    nextLink,
    deltaLink: nextLink === undefined ? (body['@odata.deltaLink'] ?? undefined) : undefined,
  };
}

/** A page whose items were looked at no further than their ids: a million of them go by in a crawl. */
export interface RawDeltaPage extends Omit<DeltaPage, 'items'> {
  readonly items: readonly RawItem[];
}

const rawPage = z.object({
  value: z.custom<RawItem[]>(
    (value) => Array.isArray(value) && value.every(isRawItem),
    'must be a list of items with ids',
  ),
  '@odata.nextLink': z.string().nullish(),
  '@odata.deltaLink': z.string().nullish(),
});

/**
 * Like `readDeltaPage`, but the items are left as Graph sent them. `shared` then stands only on what has permissions of its own
 * (`hierarchicalsharing`), empty where nobody but the owner has them. `onNextLink` is told where the feed seems to go on, earlier
 * than the page is there, which takes as long to parse as Graph takes for the next one; the page has the last word.
 */
export async function readRawDeltaPage(
  client: GraphClient,
  link: string,
  onNextLink?: (link: string) => void,
): Promise<RawDeltaPage> {
  const headers = { prefer: 'hierarchicalsharing' };
  const glance = (text: string) => {
    const next = glimpseNextLink(text);
    if (next !== undefined) onNextLink?.(next);
  };
  const { body } = await client.call({ path: link, headers, schema: rawPage, glance });
  const nextLink = body['@odata.nextLink'] ?? undefined;
  return {
    items: body.value,
    nextLink,
    deltaLink: nextLink === undefined ? (body['@odata.deltaLink'] ?? undefined) : undefined,
  };
}

/** Letters at either end of a page among which its links stand. */
const margin = 8 * 1024;

/** No item can look like this link: within a text of JSON its quotes would be escaped. */
function glimpseNextLink(text: string): string | undefined {
  const pattern = /(?<=[{,]\s*)"@odata\.nextLink"\s*:\s*"(https:[^"\\]*)"/;
  const found = pattern.exec(text.slice(0, margin)) ?? pattern.exec(text.slice(-margin));
  return found?.[1];
}
