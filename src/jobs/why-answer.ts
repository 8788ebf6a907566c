import { occurrenceReasons } from './occurrence.ts';
import type { Run } from './run.ts';

/** Why a job did or did not run at a moment. The list is closed. */
export const whyReasons = [
  'started',
  'queued',
  ...occurrenceReasons,
  'not_due',
  'not_yet',
  'not_decided',
  'before_job',
  'removed',
  'other_schedule',
  'forgotten',
] as const;
export type WhyReason = (typeof whyReasons)[number];

export interface Why {
  readonly job: string;
  /** What was asked, in milliseconds since 1970. */
  readonly at: number;
  readonly reason: WhyReason;
  /** One or two sentences for people. */
  readonly message: string;
  /** The due time that the answer is about. */
  readonly dueAt?: number | undefined;
  /** The run that started, waits or was in the way. */
  readonly run?: Pick<Run, 'id' | 'state' | 'trigger' | 'error'> | undefined;
  /** The due time before that moment, and the next one after it. */
  readonly previousDueAt?: number | undefined;
  readonly nextDueAt?: number | undefined;
}
