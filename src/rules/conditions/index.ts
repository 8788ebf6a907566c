import { combinationsOf } from './combine.ts';
import type { AnyCondition } from './condition.ts';
import { extension } from './extension.ts';
import { folder } from './folder.ts';
import { modifiedBy } from './modified-by.ts';
import { name } from './name.ts';
import { pathLength } from './path-length.ts';
import { shared } from './shared.ts';
import { size } from './size.ts';

const simple: readonly AnyCondition[] = [name, folder, extension, size, modifiedBy, shared, pathLength];

/** Every condition that a rule may name. A new one is a file here and a line above. */
export const conditions: readonly AnyCondition[] = [...simple, ...combinationsOf(simple)];

export function conditionNamed(wanted: string): AnyCondition | undefined {
  return conditions.find((condition) => condition.name === wanted);
}
