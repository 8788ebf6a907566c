import type { Drive } from '../drives/drive.ts';
import type { Actor, ItemRecord } from '../drives/item-record.ts';

/** Where an item is shown; rows differ a little between the three. */
export type ViewMode = 'item' | 'list' | 'delta';

/** What the fields of an item need besides its record. Made for one answer. */
export interface ItemView {
  readonly drive: Drive;
  readonly mode: ViewMode;
  /** JSON of an identity set. */
  identity(actor: Actor): string;
  /** Path from the drive's root, without leading slash; '' for the root itself. */
  pathOf(folderId: string): string;
  /** Address of a folder in the browser; of business drives only. */
  urlOf(folderId: string): string;
  /** How each parentReference begins and ends. */
  readonly reference: { readonly start: string; readonly end: string };
  downloadUrl(record: ItemRecord): string;
  /** parentReference has the path in a feed too. */
  readonly deltaPath: boolean;
  /** `shared` only where sharing starts (Prefer: hierarchicalsharing). */
  readonly hierarchicalSharing: boolean;
}

export function createItemView(parts: {
  drive: Drive;
  mode: ViewMode;
  identity: (actor: Actor) => string;
  downloadUrl: (record: ItemRecord) => string;
  hierarchicalSharing?: boolean;
  deltaPath?: boolean;
}): ItemView {
  const { drive } = parts;
  const paths = new Map<string, string>([[drive.rootId, '']]);
  const pathOf = (id: string): string => {
    const known = paths.get(id);
    if (known !== undefined) return known;
    const folder = drive.items.any(id);
    const above = folder?.parentId === undefined ? '' : pathOf(folder.parentId);
    const path = above === '' ? (folder?.name ?? '') : `${above}/${folder?.name ?? ''}`;
    paths.set(id, path);
    return path;
  };
  const urls = new Map<string, string>([[drive.rootId, drive.webUrl]]);
  const urlOf = (id: string): string => {
    const known = urls.get(id);
    if (known !== undefined) return known;
    const folder = drive.items.any(id);
    const above = folder?.parentId === undefined ? drive.webUrl : urlOf(folder.parentId);
    const url = `${above}/${encodeURIComponent(folder?.name ?? '')}`;
    urls.set(id, url);
    return url;
  };
  const reference = {
    start: `{"driveId":${JSON.stringify(drive.id)},"driveType":"${drive.type}"`,
    end: drive.siteId === undefined ? '}' : `,"siteId":${JSON.stringify(drive.siteId)}}`,
  };
  const { hierarchicalSharing = false, deltaPath = false } = parts;
  return { ...parts, hierarchicalSharing, deltaPath, pathOf, urlOf, reference };
}
