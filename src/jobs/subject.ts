import { createHash } from 'node:crypto';
import type { JobDefinition } from './job.ts';

/** Tells what asks the same: runs with one subject are compared with each other. */
export function subjectOf(
  { report, parameters, target }: Pick<JobDefinition, 'report' | 'parameters' | 'target'>,
  connectionId: string,
): string {
  const text = JSON.stringify([report, sorted(parameters), sorted(target), connectionId]);
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}

function sorted(members: object): unknown {
  return Object.entries(members).sort(([one], [other]) => (one < other ? -1 : 1));
}
