import { createHash } from 'node:crypto';
import { z } from 'zod';
import { inverse } from './inverse.ts';

/** Where a file is, and which state of it. */
const place = z.object({
  name: z.string(),
  folder: z.string(),
  parentId: z.string(),
  eTag: z.string(),
});
export type Place = z.infer<typeof place>;

const problem = z.object({ code: z.string(), message: z.string() });
export type Problem = z.infer<typeof problem>;

const step = z.object({
  action: z.string(),
  /** In the action's own shape. */
  wanted: z.unknown(),
  words: z.string(),
  state: z.enum(['planned', 'acting', 'done']),
  /** Set before the write, so that a restart knows what it was. */
  before: place.optional(),
  after: place.optional(),
  /** What takes it back: known from when the step is done. */
  inverse: inverse.optional(),
  undone: z.boolean().optional(),
});
export type Step = z.infer<typeof step>;

export const operationStates = ['planned', 'acting', 'done', 'failed', 'skipped', 'undone'] as const;
export type OperationState = (typeof operationStates)[number];

/** The work of one rule on one state of one file. Times in milliseconds since 1970. */
export const operation = z.object({
  id: z.string(),
  rule: z.string(),
  ruleVersion: z.int(),
  connection: z.string(),
  driveId: z.string(),
  itemId: z.string(),
  /** State of the file that the rule fired for. */
  eTag: z.string(),
  name: z.string(),
  folder: z.string(),
  state: z.enum(operationStates),
  steps: z.array(step),
  /** Tries so far. */
  attempts: z.int(),
  /** Until then the process that is at it is trusted to be alive. */
  leaseUntil: z.number().optional(),
  /** It waits until then for its next try. */
  notBefore: z.number().optional(),
  /** Why it waits, failed or was skipped. */
  problem: problem.optional(),
  createdAt: z.number(),
  updatedAt: z.number(),
  undo: z.object({ by: z.string(), at: z.number(), leaseUntil: z.number() }).optional(),
});
export type Operation = z.infer<typeof operation>;

export function isOpen({ state }: Operation): boolean {
  return state === 'planned' || state === 'acting';
}

/** Ends an operation with nothing more to do. */
export function ended(
  operation: Operation,
  state: 'done' | 'failed' | 'skipped',
  problem?: Problem,
): Operation {
  const { leaseUntil: _lease, notBefore: _wait, problem: _old, ...rest } = operation;
  return { ...rest, state, ...(problem ? { problem } : {}) };
}

/** The same for the same state of the same file and the same version of the rule, whoever computes it. */
export function dedupeKey(facts: {
  readonly rule: string;
  readonly ruleVersion: number;
  readonly driveId: string;
  readonly itemId: string;
  readonly eTag: string;
}): string {
  return digest([facts.rule, facts.ruleVersion, facts.driveId, facts.itemId, facts.eTag]);
}

/** 128 bits as hex: fit for row keys, where an eTag is not. */
export function digest(parts: readonly (string | number)[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32);
}
