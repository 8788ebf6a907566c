import { AppError } from '../errors.ts';
import { parseParameters } from '../reports/parameters.ts';
import type { Report } from '../reports/report.ts';
import { reportOf } from './check-definition.ts';
import type { Run } from './run.ts';

/** The report of a run and what it is asked. Throws when the job was saved by a version that knew another catalogue. */
export function askedOf({ definition }: Pick<Run, 'definition'>): { report: Report; input: unknown } {
  const report = reportOf(definition.report);
  if (!report) {
    throw new AppError(
      'invalid_request',
      `There is no report ${definition.report} any more. Save the job with another one.`,
    );
  }
  return { report, input: parseParameters(report, definition.parameters) };
}
