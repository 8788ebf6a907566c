import { z } from 'zod';
import { sendMail } from '../../graph/send-mail.ts';
import { joinFolder } from '../text/folder.ts';
import { defineAction } from './action.ts';

const address = z.email();
const input = z.strictObject({
  to: z.union([address, z.array(address).min(1).max(20)]),
  /** Whose mailbox sends it; without it the connection's own person. */
  from: address.optional(),
  subject: z.string().min(1).max(200).optional(),
});

export const mail = defineAction({
  name: 'mail',
  summary:
    'Tells people by mail that the file is there, at most once: after a crash in between it is not sent again.',
  input,
  wanted: z.object({
    to: z.array(address),
    from: address.optional(),
    subject: z.string(),
    place: z.string(),
  }),
  needs: ['Mail.Send'],
  sentence: ({ to }) => `mail ${[to].flat().join(', ')}`,
  target: ({ to }) => [to].flat().join(', '),
  plan: (item, { to, from, subject }) => ({
    to: [to].flat(),
    ...(from === undefined ? {} : { from }),
    subject: subject ?? `New file: ${item.name}`,
    place: joinFolder(item.folder, item.name),
  }),
  expected: (item) => item,
  words: ({ to }) => `mail ${to.join(', ')}`,
  // Nobody can tell whether a mail left. Two of them are worse than none.
  find: async (item, _wanted, _writer, began) => (began ? { item } : undefined),
  async apply(item, { to, from, subject, place }, writer) {
    await sendMail(writer.graph, { from, to, subject, text: `${place}\n\nSent by a rule of Graph Valet.` });
    return { item };
  },
});
