/** The lease under which the tokens of one row are refreshed. */
export function tokenLease(connectionId: string, rowKey: string): string {
  return `${tokenLeases(connectionId)}${rowKey}`;
}

/** What the names of all leases of a connection begin with. */
export function tokenLeases(connectionId: string): string {
  return `token~${connectionId}~`;
}
