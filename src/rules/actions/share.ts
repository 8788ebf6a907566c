import { z } from 'zod';
import { itemPath } from '../operate/item-path.ts';
import { defineAction } from './action.ts';

const scope = z.enum(['organization', 'anonymous']);
const wanted = z.object({
  type: z.enum(['view', 'edit']),
  scope,
  /** Whole days after the file was created. */
  days: z.int().min(1).max(730).optional(),
});

const permission = z.object({ id: z.string() });
const audience = { organization: 'people of the organization', anonymous: 'anyone' };
const day = 24 * 60 * 60_000;

export const share = defineAction({
  name: 'share',
  summary: 'Makes a link to the file for the organization, or for anyone where the tenant allows that.',
  input: z.strictObject({ type: z.enum(['view', 'edit']).default('view'), scope, days: wanted.shape.days }),
  wanted: wanted.extend({ expires: z.string().optional() }),
  needs: ['Files.ReadWrite.All'],
  sentence: ({ type, scope: reach }) => `make a link to ${type} it for ${audience[reach]}`,
  target: ({ scope: reach }) => audience[reach],
  plan: (item, { type, scope: reach, days }) => ({
    type,
    scope: reach,
    ...(days === undefined ? {} : { days, expires: new Date(item.createdAt + days * day).toISOString() }),
  }),
  expected: (item) => item,
  words: ({ type, scope: reach, expires }) =>
    `make a link to ${type} it for ${audience[reach]}${expires ? ` until ${expires.slice(0, 10)}` : ''}`,
  // Graph gives the same link again when there is one, so asking twice does no harm.
  find: async () => undefined,
  async apply(item, { type, scope: reach, expires }, writer) {
    const { status, body } = await writer.graph.call({
      method: 'POST',
      path: `${itemPath(writer, item.id)}/createLink`,
      body: { type, scope: reach, ...(expires === undefined ? {} : { expirationDateTime: expires }) },
      schema: permission,
    });
    const now = (await writer.read(item.id)) ?? item;
    // The link itself is as good as a key: it is written down nowhere.
    return status === 201
      ? { item: now, inverse: { kind: 'unshare', permissionId: body.id } }
      : { item: now };
  },
});
