import type { GraphCall, GraphClient } from '../../../src/graph/graph-client.ts';
import { noSums, type Sums } from '../../../src/inventory/drive-state.ts';
import { readFeed } from '../../../src/inventory/read-feed.ts';

const link = (page: number) => `https://graph.microsoft.com/v1.0/drives/d/root/delta?token=${page}`;

/** A feed of so many pages with one item each; `order` tells when each was asked for, seen, and given. */
function scriptedFeed(pages: number, seen: (page: number, text: string) => string = (_, text) => text) {
  const order: string[] = [];
  const client = {
    async call<T>({ path, glance, schema }: GraphCall<T>) {
      const page = Number(new URL(path).searchParams.get('token'));
      order.push(`ask ${page}`);
      await new Promise(setImmediate);
      const last = page === pages;
      const name = last ? '@odata.deltaLink' : '@odata.nextLink';
      const folder = { id: 'folder', folder: {}, size: 300 };
      const root = page === 1 ? [{ id: 'root', root: {}, folder: {}, size: 300 }, folder] : [];
      const value = [...root, { id: `item-${page}`, size: 100 }];
      const body = { '@odata.context': 'here', [name]: link(page + 1), value };
      order.push(`see ${page}`);
      glance?.(seen(page, JSON.stringify(body)));
      await new Promise(setImmediate);
      order.push(`give ${page}`);
      return { status: 200, headers: new Headers(), body: schema?.parse(body) as T };
    },
  } as unknown as GraphClient;
  return { order, client };
}

async function read(client: GraphClient, maxPages = Number.POSITIVE_INFINITY) {
  const ids: string[] = [];
  const seen: Sums[] = [];
  let end = false;
  let next = '';
  const from = { link: link(1), sums: noSums };
  const onPage = async (sums: Sums) => void seen.push(sums);
  const feed = readFeed({ client, from, clock: () => 0, deadline: 1, maxPages, onPage });
  for await (const piece of feed) {
    const lines = piece.lines?.toString().trimEnd().split('\n') ?? [];
    const items = lines.map((line) => line.split('\t')[2] ?? '').filter((id) => id.startsWith('item'));
    ids.push(...items);
    ({ end, link: next } = piece);
  }
  return { ids, end, next, seen };
}

describe('the feed of a drive', () => {
  it('goes on as soon as an answer says where, one page ahead', async () => {
    const { client, order } = scriptedFeed(3);
    expect(await read(client)).toMatchObject({
      ids: ['item-1', 'item-2', 'item-3'],
      end: true,
      next: link(4),
    });
    expect(order.indexOf('ask 2')).toBeLessThan(order.indexOf('give 1'));
    expect(order.filter((each) => each.startsWith('ask'))).toEqual(['ask 1', 'ask 2', 'ask 3']);
    expect(order.indexOf('ask 3')).toBeGreaterThan(order.indexOf('give 1'));
  });

  it('tells how many bytes of those that the root holds were met, each file once', async () => {
    const { seen } = await read(scriptedFeed(3).client);
    expect(seen).toEqual([
      { pages: 1, changes: 3, bytes: 100, ofBytes: 300 },
      { pages: 2, changes: 4, bytes: 200, ofBytes: 300 },
      { pages: 3, changes: 5, bytes: 300, ofBytes: 300 },
    ]);
  });

  it('believes the page, not what its text looked like', async () => {
    const wrong = (page: number, text: string) => (page === 1 ? text.replace('token=2', 'token=3') : text);
    const { client } = scriptedFeed(3, wrong);
    expect(await read(client)).toMatchObject({ ids: ['item-1', 'item-2', 'item-3'], end: true });
  });

  it('does not take the name of a file for a link', async () => {
    const name = `","@odata.nextLink":"${link(9)}`;
    const named = (_page: number, text: string) =>
      `{"value":[{"name":${JSON.stringify(name)}}],${text.slice(1).replace(/"@odata.nextLink":"[^"]*",/, '')}`;
    const { client, order } = scriptedFeed(2, named);
    await read(client);
    expect(order.filter((each) => each.startsWith('ask'))).toEqual(['ask 1', 'ask 2']);
  });

  it('asks for no more pages than it may read', async () => {
    const { client, order } = scriptedFeed(5);
    expect(await read(client, 2)).toMatchObject({ ids: ['item-1', 'item-2'], end: false, next: link(3) });
    expect(order.filter((each) => each.startsWith('ask'))).toEqual(['ask 1', 'ask 2']);
  });
});
