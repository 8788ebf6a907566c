import type { AnyCondition } from './condition.ts';
import { extension } from './extension.ts';
import { folder } from './folder.ts';
import { name } from './name.ts';

/** Every condition that a rule may name. A new one is a file here and a line below. */
export const conditions: readonly AnyCondition[] = [name, folder, extension];

export function conditionNamed(wanted: string): AnyCondition | undefined {
  return conditions.find((condition) => condition.name === wanted);
}
