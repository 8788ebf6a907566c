import { z } from 'zod';
import { joinFolder } from '../text/folder.ts';
import { defineCondition } from './condition.ts';

export const pathLength = defineCondition({
  name: 'pathLength',
  summary:
    'The path, from the root of the drive, has more than this many characters; SharePoint takes 400 in all.',
  input: z.strictObject({ over: z.int().min(1).max(400) }),
  needs: [],
  readsFolder: true,
  sentence: ({ over }) => `its path has more than ${over} characters`,
  holds: (item, { over }) => joinFolder(item.folder, item.name).length > over,
});
