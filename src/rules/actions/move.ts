import { z } from 'zod';
import { sameFolder, toFolder } from '../text/folder.ts';
import { fillTemplate } from '../text/template.ts';
import { defineAction } from './action.ts';
import { destination } from './destination.ts';
import { whenNameTaken } from './when-name-taken.ts';

export const move = defineAction({
  name: 'move',
  summary: 'Moves the file to a folder of the same drive; folders that are missing are created.',
  input: z.strictObject({ to: destination, whenNameTaken }),
  wanted: z.object({ folder: z.string(), whenNameTaken }),
  needs: ['Files.ReadWrite.All'],
  sentence: (input) => `move to ${input.to}`,
  target: (input) => input.to,
  plan: (item, input) => ({
    folder: toFolder(fillTemplate(input.to, item)),
    whenNameTaken: input.whenNameTaken,
  }),
  expected: (item, { folder }) => (sameFolder(item.folder, folder) ? item : { ...item, folder }),
  words: ({ folder }) => `move to ${folder}`,
  apply: async (item, wanted, writer) => {
    const parentId = await writer.folderId(wanted.folder);
    return { item: await writer.change(item, { parentId }, wanted.whenNameTaken) };
  },
  inverse: (before, after) => ({
    kind: 'change',
    parentId: before.parentId,
    // A taken name was replaced by another one on the way: the old name comes back with the old place.
    ...(before.name === after.name ? {} : { name: before.name }),
  }),
});
