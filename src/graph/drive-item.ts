import { z } from 'zod';

const identity = z.object({
  id: z.string().nullish(),
  displayName: z.string().nullish(),
  email: z.string().nullish(),
});

/** Who did something: a person, an application, or both when an application acted for a person. */
export const identitySet = z.object({
  user: identity.nullish(),
  application: identity.nullish(),
  group: identity.nullish(),
});
export type IdentitySet = z.infer<typeof identitySet>;

/**
 * The members of a driveItem that this product reads. Which facet is there says what the item is; a facet's contents are
 * never needed for that (`deleted: {}` is a deletion). A deleted row may lack everything but its id.
 */
export const driveItem = z.object({
  id: z.string(),
  name: z.string().nullish(),
  size: z.number().nullish(),
  eTag: z.string().nullish(),
  cTag: z.string().nullish(),
  webUrl: z.string().nullish(),
  createdDateTime: z.string().nullish(),
  lastModifiedDateTime: z.string().nullish(),
  createdBy: identitySet.nullish(),
  lastModifiedBy: identitySet.nullish(),
  parentReference: z
    .object({ id: z.string().nullish(), driveId: z.string().nullish(), path: z.string().nullish() })
    .nullish(),
  file: z
    .object({
      mimeType: z.string().nullish(),
      hashes: z.object({ quickXorHash: z.string().nullish() }).nullish(),
    })
    .nullish(),
  folder: z.object({ childCount: z.number().nullish() }).nullish(),
  package: z.object({ type: z.string().nullish() }).nullish(),
  remoteItem: z.object({ id: z.string().nullish() }).nullish(),
  shared: z.object({ scope: z.string().nullish() }).nullish(),
  malware: z.object({}).nullish(),
  publication: z.object({ level: z.string().nullish(), checkedOutBy: identitySet.nullish() }).nullish(),
  root: z.object({}).nullish(),
  deleted: z.object({ state: z.string().nullish() }).nullish(),
});
export type DriveItem = z.infer<typeof driveItem>;

/** `$select` of the same members. */
export const driveItemSelect = Object.keys(driveItem.shape).join(',');

/** True when the facet is there, whatever it holds. */
export function isDeleted(item: DriveItem): boolean {
  return item.deleted !== undefined && item.deleted !== null;
}
