import type { JobEstimate } from '../../jobs/estimate.ts';
import type { OccurrenceReason } from '../../jobs/occurrence.ts';
import type { RunView } from '../overview.ts';
import { countOf } from './numbers.ts';
import { duration } from './times.ts';

/** Why a due time came to no run, as half a sentence. */
export const notRunWords: Readonly<Record<OccurrenceReason, string>> = {
  disabled: 'the job was disabled',
  still_running: 'the run before was still on its way',
  already_queued: 'another run was waiting already',
  down: 'nothing ran here at that time',
  connection_gone: 'its connection was gone',
};

export const triggerWords: Readonly<Record<RunView['trigger'], string>> = {
  schedule: 'by schedule',
  person: 'by a person',
};

/** What the estimate is made of: `3 drives with 12,399 items at the last run`. */
export function estimateWords({ drives, items }: JobEstimate): string | undefined {
  if (drives === undefined) return undefined;
  return `${countOf(drives, 'drive')}${items === undefined ? '' : ` with ${countOf(items, 'item')}`} at the last run`;
}

/** What it took: `63 pages, 70 calls, 133 resource units`. */
export function spentWords({ pages, calls, units }: RunView['progress']): string {
  return [countOf(pages, 'page'), countOf(calls, 'call'), countOf(units, 'resource unit')].join(', ');
}

/** How far it is, while it works: `reading the drives: 3 of 12, about 4 min left`. */
export function stepText({ step, drives, secondsLeft, state, waitsFor }: RunView): string {
  if (state === 'waiting') return waitsFor === undefined ? 'about to begin' : 'waits for the run before';
  const far = drives.found > 1 && drives.read < drives.found ? `: ${drives.read} of ${drives.found}` : '';
  const left = secondsLeft === undefined ? '' : `, about ${duration(secondsLeft * 1000)} left`;
  return `${step ?? 'at work'}${far}${left}`;
}
