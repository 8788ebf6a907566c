import { z } from 'zod';
import { digest } from '../journal/operation.ts';
import { defineAction } from './action.ts';

const address = z
  .url({ protocol: /^https$/, error: 'must be an https address' })
  .max(1_000)
  .refine((text) => {
    const { username, password, hash } = new URL(text);
    return username === '' && password === '' && hash === '';
  }, 'must have no user name, password or fragment');

export const webhook = defineAction({
  name: 'webhook',
  summary:
    'Tells another service by HTTPS that the file is there. It may be told twice: idempotency-key says so.',
  input: z.strictObject({ url: address }),
  wanted: z.object({ url: z.string(), name: z.string(), folder: z.string(), key: z.string() }),
  needs: [],
  sentence: ({ url }) => `tell ${hostOf(url)}`,
  target: ({ url }) => hostOf(url),
  plan: (item, { url }) => ({
    url,
    name: item.name,
    folder: item.folder,
    key: digest([item.id, item.eTag, url]),
  }),
  expected: (item) => item,
  words: ({ url }) => `tell ${hostOf(url)}`,
  find: async () => undefined,
  async apply(item, { url, name, folder, key }, writer) {
    const file = { driveId: writer.driveId, id: item.id, name, folder, eTag: item.eTag, size: item.size };
    await writer.post(url, { event: 'file', file }, { 'idempotency-key': key });
    return { item };
  },
});

/** The rest of an address may be as good as a key. */
function hostOf(url: string): string {
  return new URL(url).host;
}
