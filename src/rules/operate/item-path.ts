/** `/drives/{id}/items/{id}`, percent-encoded. */
export function itemPath({ driveId }: { readonly driveId: string }, itemId: string): string {
  return `/drives/${encodeURIComponent(driveId)}/items/${encodeURIComponent(itemId)}`;
}
