import { z } from 'zod';
import { folderProblem, isWithin, sameFolder, toFolder } from '../text/folder.ts';
import { defineCondition } from './condition.ts';

/** A folder as it is written in a rule, brought into one form. */
export const folderText = z.string().transform((text, context) => {
  const problem = folderProblem(text);
  if (!problem) return toFolder(text);
  context.addIssue({ code: 'custom', message: problem });
  return z.NEVER;
});

export const folder = defineCondition({
  name: 'folder',
  summary: 'The file lies in this folder, or below it where subfolders is true.',
  input: z.union([
    folderText.transform((path) => ({ path, subfolders: false })),
    z.strictObject({ path: folderText, subfolders: z.boolean().default(false) }),
  ]),
  needs: [],
  readsFolder: true,
  sentence: ({ path, subfolders }) => `it is in ${path}${subfolders ? ' or below' : ''}`,
  holds: (item, { path, subfolders }) =>
    subfolders ? isWithin(item.folder, path) : sameFolder(item.folder, path),
});
