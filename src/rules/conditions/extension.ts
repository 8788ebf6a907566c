import { z } from 'zod';
import { fold } from '../text/glob.ts';
import { splitName } from '../text/item-name.ts';
import { defineCondition } from './condition.ts';

const extensionText = z
  .string()
  .regex(/^\.?[^./\\]{1,40}$/, 'is an extension such as docx')
  .transform((text) => fold(text.replace(/^\./, '')));

export const extension = defineCondition({
  name: 'extension',
  summary: 'The file has one of these extensions.',
  input: z.union([extensionText, z.array(extensionText).min(1).max(50)]),
  needs: [],
  readsFolder: false,
  sentence: (input) => `it is of type ${[input].flat().join(' or ')}`,
  holds: (item, input) => [input].flat().includes(fold(splitName(item.name).extension)),
});
