import { z } from 'zod';
import { isAppError } from '../../errors.ts';
import { itemPath } from '../operate/item-path.ts';
import type { ItemWriter } from '../operate/item-writer.ts';
import { defineAction } from './action.ts';

const scope = z.enum(['anonymous', 'organization', 'users']);
const scopes = z.array(scope).min(1);

const permissions = z.object({
  value: z.array(
    z.object({
      id: z.string(),
      link: z.object({ scope: z.string().nullish() }).nullish(),
      inheritedFrom: z.object({}).nullish(),
    }),
  ),
  '@odata.nextLink': z.string().nullish(),
});

export const unshare = defineAction({
  name: 'unshare',
  summary: 'Revokes links to the file; those that it has from its folder stay. There is no way back.',
  input: z.strictObject({ links: scopes.default(['anonymous']) }),
  wanted: z.object({ links: scopes }),
  needs: ['Files.ReadWrite.All'],
  sentence: ({ links }) => `revoke its links (${links.join(', ')})`,
  target: ({ links }) => links.join(', '),
  plan: (_item, { links }) => ({ links }),
  expected: (item) => item,
  words: ({ links }) => `revoke its links (${links.join(', ')})`,
  find: async (item, { links }, writer) =>
    (await linksOf(item.id, links, writer)).length === 0 ? { item } : undefined,
  async apply(item, { links }, writer) {
    for (const id of await linksOf(item.id, links, writer)) {
      try {
        const path = `${itemPath(writer, item.id)}/permissions/${encodeURIComponent(id)}`;
        await writer.graph.call({ method: 'DELETE', path });
      } catch (error) {
        if (!isAppError(error, 'not_found')) throw error;
      }
    }
    return { item: (await writer.read(item.id)) ?? item };
  },
});

async function linksOf(itemId: string, wanted: readonly string[], writer: ItemWriter): Promise<string[]> {
  const found: string[] = [];
  let path: string | undefined = `${itemPath(writer, itemId)}/permissions`;
  while (path !== undefined) {
    const { body }: { body: z.infer<typeof permissions> } = await writer.graph.call({
      path,
      schema: permissions,
    });
    for (const { id, link, inheritedFrom } of body.value) {
      if (link && !inheritedFrom && wanted.includes(link.scope ?? 'users')) found.push(id);
    }
    path = body['@odata.nextLink'] ?? undefined;
  }
  return found;
}
