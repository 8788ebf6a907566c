import { isAppError } from '../../errors.ts';
import { findDrive } from '../../graph/drives.ts';
import type { GraphFor } from '../../graph/graph-client.ts';
import { checkForLoops, type RuleProblem } from '../guards/static-check.ts';
import type { ItemFacts } from '../item-facts.ts';
import type { Problem } from '../journal/operation.ts';
import { type Evaluation, evaluate } from '../match.ts';
import { operationProblem } from '../operate/operation-message.ts';
import { planSteps } from '../plan-steps.ts';
import type { RuleDefinition } from '../rule.ts';
import { listFiles } from './list-files.ts';

export interface PreviewedFile {
  readonly item: Pick<ItemFacts, 'id' | 'name' | 'folder'>;
  readonly matched: boolean;
  /** Each condition in order, and whether it holds. */
  readonly trace: Evaluation['trace'];
  /** What would be done, in words: "move to /Filed/2026". Empty when it is so already. */
  readonly steps: readonly string[];
  /** Why it could not be done. */
  readonly problem?: Problem | undefined;
}

export interface Preview {
  readonly drive: { readonly id: string; readonly name: string };
  /** What would keep the rule from being saved. */
  readonly problems: readonly RuleProblem[];
  readonly files: readonly PreviewedFile[];
  /** How many of the files that were looked at match. */
  readonly matched: number;
  /** False when the folder holds more files than were looked at. */
  readonly complete: boolean;
  /** True when as many files at once would hold the rule. */
  readonly overBulkLimit: boolean;
}

/**
 * What a rule would do with the files that lie in its folder now, as if each of them had just come. Reads, and changes
 * nothing: no file, no journal, no memory.
 */
export function createPreview(deps: {
  readonly graphFor: GraphFor;
}): (rule: RuleDefinition, limit: number) => Promise<Preview> {
  return async (rule, limit) => {
    const client = await deps.graphFor(rule.connection, 'interactive');
    const drive = await findDrive(client, rule.target);
    const { files, complete } = await listFiles(client, drive.id, rule.when, limit);
    const previewed = files.map((file) => previewOf(rule, file));
    const matched = previewed.filter((file) => file.matched && file.steps.length > 0).length;
    return {
      drive: { id: drive.id, name: drive.name },
      problems: checkForLoops(rule),
      files: previewed,
      matched,
      complete,
      overBulkLimit: matched > rule.bulkLimit,
    };
  };
}

function previewOf(rule: RuleDefinition, file: ItemFacts): PreviewedFile {
  const { id, name, folder } = file;
  const { matched, trace } = evaluate(rule, file);
  const seen = { item: { id, name, folder }, matched, trace };
  if (!matched) return { ...seen, steps: [] };
  try {
    return { ...seen, steps: planSteps(rule.actions, file).steps.map(({ words }) => words) };
  } catch (error) {
    if (!isAppError(error)) throw error;
    return { ...seen, steps: [], problem: operationProblem(error) };
  }
}
