import { z } from 'zod';
import { AppError } from '../../errors.ts';
import { itemPath } from '../operate/item-path.ts';
import type { ItemWriter } from '../operate/item-writer.ts';
import { defineAction } from './action.ts';

const values = z
  .record(
    z.string().regex(/^[A-Za-z_][\w]{0,63}$/, 'is the internal name of a column'),
    z.union([z.string().max(255), z.number(), z.boolean(), z.null()]),
  )
  .refine((given) => Object.keys(given).length > 0, 'must name at least one column');

const fieldsAnswer = z.record(z.string(), z.unknown());

export const tag = defineAction({
  name: 'tag',
  summary: 'Sets columns of the file in its SharePoint library; a personal OneDrive has none.',
  input: z.strictObject({ set: values }),
  wanted: z.object({ set: values }),
  needs: ['Files.ReadWrite.All', 'Sites.ReadWrite.All'],
  sentence: ({ set }) => `set ${wordsOf(set)}`,
  target: ({ set }) => wordsOf(set),
  plan: (_item, { set }) => ({ set }),
  expected: (item) => item,
  words: ({ set }) => `set ${wordsOf(set)}`,
  async find(item, { set }, writer) {
    const now = await fieldsOf(writer, item.id);
    return Object.entries(set).every(([name, value]) => (now[name] ?? null) === value) ? { item } : undefined;
  },
  async apply(item, { set }, writer) {
    const before = await fieldsOf(writer, item.id);
    await writer.graph.call({ method: 'PATCH', path: fieldsPath(writer, item.id), body: set });
    const old = Object.fromEntries(Object.keys(set).map((name) => [name, before[name] ?? null]));
    const now = await writer.read(item.id);
    if (!now) throw new AppError('not_found', 'The file is gone.');
    return { item: now, inverse: { kind: 'fields', values: old } };
  },
});

const fieldsPath = (writer: ItemWriter, itemId: string) => `${itemPath(writer, itemId)}/listItem/fields`;

async function fieldsOf(writer: ItemWriter, itemId: string): Promise<z.infer<typeof fieldsAnswer>> {
  return (await writer.graph.call({ path: fieldsPath(writer, itemId), schema: fieldsAnswer })).body;
}

function wordsOf(set: z.infer<typeof values>): string {
  return Object.entries(set)
    .map(([name, value]) => `${name} to ${value ?? 'nothing'}`)
    .join(', ');
}
