import { z } from 'zod';

/** What happens when the name exists at the destination: a number is added, or the operation fails. Nothing is ever overwritten. */
export const whenNameTaken = z.enum(['rename', 'fail']).default('rename');
export type WhenNameTaken = z.infer<typeof whenNameTaken>;
