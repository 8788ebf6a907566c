import type { RegisterCommand } from '../context.ts';
import { api } from './api.ts';
import { connect } from './connect.ts';
import { connections } from './connections.ts';
import { explain } from './explain.ts';
import { keys } from './keys.ts';
import { login } from './login.ts';
import { logout } from './logout.ts';
import { status } from './status.ts';
import { token } from './token.ts';

/** In the order of the help. A new command is one file and one line here. */
export const commands: readonly RegisterCommand[] = [
  login,
  logout,
  status,
  token,
  connect,
  connections,
  explain,
  keys,
  api,
];
