import { z } from 'zod';
import { defineCondition } from './condition.ts';

const who = z.string().min(1).max(200);

export const modifiedBy = defineCondition({
  name: 'modifiedBy',
  summary:
    'One of these changed the file last: a person (object id or mail address) or an application (client id).',
  input: z.union([who, z.array(who).min(1).max(50)]),
  needs: [],
  readsFolder: false,
  sentence: (input) => `${[input].flat().join(' or ')} changed it last`,
  holds: (item, input) => {
    const known = [item.modifiedByUser, item.modifiedByEmail, item.modifiedByApp];
    return [input].flat().some((one) => known.some((given) => given?.toLowerCase() === one.toLowerCase()));
  },
});
