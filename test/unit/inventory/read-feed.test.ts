import type { GraphCall, GraphClient } from '../../../src/graph/graph-client.ts';
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
      const body = { '@odata.context': 'here', [name]: link(page + 1), value: [{ id: `item-${page}` }] };
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
  let end = false;
  let next = '';
  const from = { link: link(1), pages: 0, changes: 0 };
  const feed = readFeed({ client, from, clock: () => 0, deadline: 1, maxPages });
  for await (const piece of feed) {
    const lines = piece.lines?.toString().trimEnd().split('\n') ?? [];
    ids.push(...lines.map((line) => line.split('\t')[2] ?? ''));
    ({ end, link: next } = piece);
  }
  return { ids, end, next };
}

describe('the feed of a drive', () => {
  it('goes on as soon as an answer says where, one page ahead', async () => {
    const { client, order } = scriptedFeed(3);
    expect(await read(client)).toEqual({ ids: ['item-1', 'item-2', 'item-3'], end: true, next: link(4) });
    expect(order.indexOf('ask 2')).toBeLessThan(order.indexOf('give 1'));
    expect(order.filter((each) => each.startsWith('ask'))).toEqual(['ask 1', 'ask 2', 'ask 3']);
    expect(order.indexOf('ask 3')).toBeGreaterThan(order.indexOf('give 1'));
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
    expect(await read(client, 2)).toEqual({ ids: ['item-1', 'item-2'], end: false, next: link(3) });
    expect(order.filter((each) => each.startsWith('ask'))).toEqual(['ask 1', 'ask 2']);
  });
});
