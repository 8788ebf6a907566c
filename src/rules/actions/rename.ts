import { z } from 'zod';
import { AppError } from '../../errors.ts';
import { isNumbered, nameProblem } from '../text/item-name.ts';
import { dateFields, exampleOf, fillTemplate, nameFields, templateProblem } from '../text/template.ts';
import { defineAction } from './action.ts';
import { whenNameTaken } from './when-name-taken.ts';

const newName = z.string().superRefine((text, context) => {
  const problem = templateProblem(text, [...dateFields, ...nameFields]) ?? nameProblem(exampleOf(text));
  if (problem) context.addIssue({ code: 'custom', message: problem });
});

export const rename = defineAction({
  name: 'rename',
  summary: 'Gives the file a name made from its own name and the day it was created.',
  input: z.strictObject({ to: newName, whenNameTaken }),
  wanted: z.object({ name: z.string(), whenNameTaken }),
  needs: ['Files.ReadWrite.All'],
  sentence: (input) => `rename to ${input.to}`,
  target: (input) => input.to,
  plan: (item, input) => {
    const name = fillTemplate(input.to, item);
    const problem = nameProblem(name);
    if (problem) {
      throw new AppError('invalid_request', `The new name ${problem}. Change the rule's template.`);
    }
    return { name, whenNameTaken: input.whenNameTaken };
  },
  // A name that was taken got a number from Graph: that is the wanted name, not a reason to rename again.
  expected: (item, { name }) => (isNumbered(item.name, name) ? item : { ...item, name }),
  words: ({ name }) => `rename to ${name}`,
  apply: async (item, { name, whenNameTaken: taken }, writer) => ({
    item: await writer.change(item, { name }, taken),
  }),
  inverse: (before) => ({ kind: 'change', name: before.name }),
});
