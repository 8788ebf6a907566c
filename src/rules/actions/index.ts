import type { AnyAction } from './action.ts';
import { convert } from './convert.ts';
import { copy } from './copy.ts';
import { mail } from './mail.ts';
import { move } from './move.ts';
import { recycle } from './recycle.ts';
import { rename } from './rename.ts';
import { share } from './share.ts';
import { tag } from './tag.ts';
import { unshare } from './unshare.ts';
import { webhook } from './webhook.ts';

/** Every action that a rule may name. A new one is a file here and a line below. */
export const actions: readonly AnyAction[] = [
  move,
  rename,
  copy,
  convert,
  tag,
  share,
  unshare,
  mail,
  webhook,
  recycle,
];

export function actionNamed(wanted: string): AnyAction | undefined {
  return actions.find((action) => action.name === wanted);
}
