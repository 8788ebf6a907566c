import { z } from 'zod';
import { nameProblem } from './folders.ts';

/** `/Reports/Daily`: each name is checked, a slash at the end is dropped. */
export const folderPath = z
  .string()
  .max(400)
  .transform((text, context) => {
    const names = text.split('/').filter((name) => name !== '');
    for (const name of names) {
      const problem = nameProblem(name);
      if (problem !== undefined)
        context.addIssue({ code: 'custom', message: `the name "${name}" ${problem}` });
    }
    return `/${names.join('/')}`;
  });
