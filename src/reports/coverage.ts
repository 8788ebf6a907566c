import type { DriveRow } from './data/sources.ts';

/** Which drives a report speaks of. */
export interface Coverage {
  readonly drives: number;
  readonly read: number;
  readonly denied: number;
  readonly skipped: number;
  /** The drives that were not read, and why. */
  readonly missing: readonly { readonly drive: string; readonly outcome: string; readonly reason: string }[];
  /** The oldest reading of a drive. */
  readonly readAt: Date | null;
  /** One line for people. */
  readonly line: string;
}

/** What a report that reads no drive says of them. */
export const noDrivesCoverage: Coverage = {
  drives: 0,
  read: 0,
  denied: 0,
  skipped: 0,
  missing: [],
  readAt: null,
  line: 'This report is not about drives.',
};

export function coverageOf(drives: readonly DriveRow[]): Coverage {
  const count = (outcome: DriveRow['outcome']) => drives.filter((drive) => drive.outcome === outcome).length;
  const times = drives.flatMap(({ outcome, readAt }) => (outcome === 'read' && readAt ? [readAt] : []));
  const sums = { read: count('read'), denied: count('denied'), skipped: count('skipped') };
  return {
    drives: drives.length,
    ...sums,
    missing: drives
      .filter(({ outcome }) => outcome !== 'read')
      .map(({ driveId, name, outcome, reason }) => ({
        drive: name ?? driveId,
        outcome,
        reason: reason ?? 'no reason was given',
      })),
    readAt: times.length > 0 ? new Date(times.reduce((least, time) => Math.min(least, time))) : null,
    line: lineOf(drives.length, sums),
  };
}

function lineOf(
  all: number,
  { read, denied, skipped }: Pick<Coverage, 'read' | 'denied' | 'skipped'>,
): string {
  if (all === 0) return 'No drives were asked for.';
  const rest = [
    ...(denied > 0 ? [`${denied} denied`] : []),
    ...(skipped > 0 ? [`${skipped} skipped`] : []),
  ].join(', ');
  return `${read} of ${all} ${all === 1 ? 'drive' : 'drives'} read${rest === '' ? '' : `; ${rest}`}.`;
}
