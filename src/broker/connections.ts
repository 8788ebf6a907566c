import type { Connection, ConnectionHealth } from './connection.ts';

export type { Connection, ConnectionHealth } from './connection.ts';

export interface NewUserConnection {
  readonly tenantId: string;
  readonly objectId: string;
  readonly homeAccountId: string;
  readonly username: string;
  readonly displayName: string;
  readonly scopes: readonly string[];
}

export interface NewAppConnection {
  readonly alias: string;
  readonly tenantId: string;
  readonly objectId: string;
  readonly scopes: readonly string[];
  readonly createdBy: string;
}

export interface Connections {
  /** Fresh from the store. */
  get(idOrAlias: string): Promise<Connection | undefined>;
  /** May be up to 5 seconds old: for the way that every token takes. */
  lookUp(idOrAlias: string): Promise<Connection | undefined>;
  /** By alias. */
  list(): Promise<Connection[]>;
  /** The person's connection, made or made active again; the alias is the lower-case user name, or the next free one. */
  saveUser(user: NewUserConnection): Promise<Connection>;
  /** The app connection with this alias, made or made active again. Throws `conflict` when the alias means something else. */
  saveApp(app: NewAppConnection): Promise<Connection>;
  /** Undefined when the connection is gone, or was changed since `epoch` (where given). */
  setHealth(
    id: string,
    health: ConnectionHealth,
    reason?: { code: string; message: string },
    epoch?: number,
  ): Promise<Connection | undefined>;
  /** Notes that Entra gave a token now. */
  touch(id: string): Promise<void>;
  /** False when there was none. Tokens are erased by the broker's `removeConnection`. */
  remove(id: string): Promise<boolean>;
}
