import { z } from 'zod';
import { matchesGlob } from '../text/glob.ts';
import { defineCondition } from './condition.ts';

const glob = z
  .string()
  .min(1)
  .max(200)
  .refine((text) => !text.includes('/'), 'is a name without a folder: * and ? are wildcards');

export const name = defineCondition({
  name: 'name',
  summary: 'The file name fits one of these patterns (* for any text, ? for one character).',
  input: z.union([glob, z.array(glob).min(1).max(50)]),
  needs: [],
  readsFolder: false,
  sentence: (input) => `its name is like ${[input].flat().join(' or ')}`,
  holds: (item, input) => [input].flat().some((pattern) => matchesGlob(pattern, item.name)),
});
