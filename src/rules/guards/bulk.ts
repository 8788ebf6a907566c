import type { ItemFacts } from '../item-facts.ts';
import type { Problem } from '../journal/operation.ts';
import type { StoredRule } from '../rule.ts';

/** A share of a folder counts from this many files on: one of three files is no flood. */
const leastFiles = 20;
const mostShare = 0.2;

/**
 * Why a rule must not go on: it met more files in one reading of the drive than it may, or, where it fires for changes, more
 * than a fifth of a folder. `met` counts those of the same reading that were worked on before; `sizeOf` gives the number of
 * things in a folder, undefined when nobody knows.
 */
export async function bulkProblem(
  rule: StoredRule,
  items: readonly ItemFacts[],
  met: number,
  sizeOf: (folderId: string) => Promise<number | undefined>,
): Promise<Problem | undefined> {
  const { bulkLimit, when } = rule.definition;
  if (met + items.length > bulkLimit) {
    return {
      code: 'bulk_stop',
      message: `It met ${met + items.length} files at once and may touch ${bulkLimit}. Nothing was done with them. Look at them, then save the rule again, with a higher bulkLimit if they are meant.`,
    };
  }
  // New files are new whatever their share is: an inbox consists of them.
  if (when.event === 'created') return undefined;
  const byFolder = Map.groupBy(items, ({ parentId }) => parentId);
  for (const [folderId, inside] of byFolder) {
    if (inside.length < leastFiles) continue;
    const size = await sizeOf(folderId);
    if (size === undefined || inside.length <= size * mostShare) continue;
    const folder = inside[0]?.folder ?? '/';
    return {
      code: 'bulk_stop',
      message: `${inside.length} of the ${size} things in ${folder} changed at once, more than a fifth. Nothing was done with them. Look at them, then save the rule again.`,
    };
  }
  return undefined;
}
