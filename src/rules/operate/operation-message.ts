import { z } from 'zod';
import { isAppError } from '../../errors.ts';
import type { Problem } from '../journal/operation.ts';

/** A message of the queue `operations`: the journal knows the rest. */
export const operationMessage = z.object({ id: z.string() });
export type OperationMessage = z.infer<typeof operationMessage>;

/** Why an operation was not done, fit for the journal: of a foreign error only that there was one. */
export function operationProblem(error: unknown): Problem {
  if (isAppError(error)) return { code: error.code, message: error.message };
  return { code: 'internal_error', message: 'Something went wrong here. The log says what.' };
}
