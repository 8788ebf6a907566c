import { z } from 'zod';
import { defineCondition } from './condition.ts';

const reach = z.enum(['anonymous', 'organization', 'users']);
const words = { anonymous: 'anyone with a link', organization: 'the organization', users: 'named people' };

export const shared = defineCondition({
  name: 'shared',
  summary: 'The file is shared this widely; false: it is not shared at all.',
  input: z.union([z.literal(false), reach, z.array(reach).min(1)]),
  needs: [],
  readsFolder: false,
  sentence: (input) =>
    input === false
      ? 'it is not shared'
      : `it is shared with ${[input]
          .flat()
          .map((one) => words[one])
          .join(' or ')}`,
  holds: (item, input) =>
    input === false ? item.shared === undefined : [input].flat().some((one) => one === item.shared),
});
