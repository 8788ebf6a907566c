import { z } from 'zod';
import { actions } from './actions/index.ts';
import { folderText } from './conditions/folder.ts';
import { conditions } from './conditions/index.ts';
import { name as nameCondition } from './conditions/name.ts';
import { entryOf } from './entry.ts';
import { ruleTarget } from './rule-target.ts';

export const ruleName = z
  .string()
  .regex(
    /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/,
    'must be 1 to 63 lower-case letters, digits and inner hyphens',
  );

/** A rule as a person writes it. Parsing what it gave once more changes nothing. */
export const ruleDefinition = z.strictObject({
  name: ruleName,
  /** Id or alias of the connection that it acts as. */
  connection: z.string().min(1).max(200),
  target: ruleTarget,
  when: z.strictObject({
    /** `created`: once for each file that is new in the drive. `changed`: for each new state of a file, the first one too. */
    event: z.enum(['created', 'changed']),
    folder: folderText,
    subfolders: z.boolean().default(false),
    name: nameCondition.input.optional(),
  }),
  /** All of them must hold. */
  conditions: z
    .array(entryOf(() => conditions))
    .max(20)
    .default([]),
  /** Done one after the other. */
  actions: z
    .array(entryOf(() => actions))
    .min(1)
    .max(10),
  /** More files than this in one drain: nothing is done, the rule is held until it is saved again. */
  bulkLimit: z.int().min(1).max(10_000).default(200),
  /**
   * Also for what else is taken for this app's own work: changes that it made without a person (a script with an app-only token
   * does too), and new files where a rule puts copies or PDFs.
   */
  reactToSelf: z.boolean().default(false),
  enabled: z.boolean().default(true),
});
export type RuleDefinition = z.infer<typeof ruleDefinition>;

/** A rule as it is kept. Times in milliseconds since 1970. */
export const storedRule = z.object({
  definition: ruleDefinition,
  /** Grows with each save that changes what the rule does. */
  version: z.int(),
  driveId: z.string(),
  driveName: z.string(),
  /** Files that were created, or last changed, before this are none of the rule's business. */
  armedAt: z.number(),
  /** Why it stands still although it is enabled. */
  held: z.object({ code: z.string(), message: z.string(), at: z.number() }).optional(),
  createdAt: z.number(),
  updatedAt: z.number(),
  updatedBy: z.string(),
});
export type StoredRule = z.infer<typeof storedRule>;

export function isActive(rule: StoredRule): boolean {
  return rule.definition.enabled && rule.held === undefined;
}
