import type { ItemRecord } from '../drives/item-record.ts';
import type { ItemView } from './item-view.ts';

/**
 * The `shared` facet: who can see an item besides its owner. Inherited sharing shows too, unless the client
 * prefers hierarchical sharing.
 */
export function sharedFacet(record: ItemRecord, view: ItemView): string | undefined {
  const own = record.extras?.permissions;
  if (own && own.length > 0) return facet(record, view);
  if (view.hierarchicalSharing) {
    // An empty facet marks what has permissions of its own but is shared with nobody, such as the root.
    return record.parentId === undefined || own ? '{}' : undefined;
  }
  const { sharedFolders } = view.drive.items;
  if (sharedFolders.size === 0) return undefined;
  const above = view.drive.ancestors(record).find((id) => sharedFolders.has(id));
  const folder = above === undefined ? undefined : view.drive.items.any(above);
  return folder ? facet(folder, view) : undefined;
}

function facet(source: ItemRecord, view: ItemView): string {
  const permissions = source.extras?.permissions ?? [];
  const scopes = permissions.map((permission) => permission.link?.scope ?? 'users');
  const scope =
    (['anonymous', 'organization', 'users'] as const).find((name) => scopes.includes(name)) ?? 'users';
  const first = permissions[0];
  const owner = view.identity(view.drive.ownerId === undefined ? {} : { userId: view.drive.ownerId });
  if (!first) return `{"scope":"${scope}"}`;
  const since = new Date(first.granted).toISOString().slice(0, 19);
  const by = view.identity(first.grantedBy);
  return `{"scope":"${scope}","owner":${owner},"sharedBy":${by},"sharedDateTime":"${since}Z"}`;
}
