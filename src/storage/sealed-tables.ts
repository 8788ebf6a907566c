/**
 * Tables whose documents are encrypted, with the version of their rows' shape, which is authenticated too. A rotation of the key goes
 * through all of them, so a table that is sealed must be here.
 */
export const sealedTables = { tokens: 1, flows: 1, sessions: 1, grants: 1, erasures: 1 } as const;

export type SealedTableName = keyof typeof sealedTables;

export const sealedTableNames = Object.keys(sealedTables) as readonly SealedTableName[];
