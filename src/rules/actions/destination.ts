import { z } from 'zod';
import { folderProblem, toFolder } from '../text/folder.ts';
import { dateFields, exampleOf, templateProblem } from '../text/template.ts';

/** A folder of the same drive, which may hold `{yyyy}`, `{MM}` and `{dd}` of the day on which the file was created. */
export const destination = z.string().transform((text, context) => {
  const problem = templateProblem(text, dateFields) ?? folderProblem(exampleOf(text));
  if (!problem) return toFolder(text);
  context.addIssue({ code: 'custom', message: problem });
  return z.NEVER;
});
