import type { AnyAction } from './action.ts';
import { move } from './move.ts';
import { rename } from './rename.ts';

/** Every action that a rule may name. A new one is a file here and a line below. */
export const actions: readonly AnyAction[] = [move, rename];

export function actionNamed(wanted: string): AnyAction | undefined {
  return actions.find((action) => action.name === wanted);
}
