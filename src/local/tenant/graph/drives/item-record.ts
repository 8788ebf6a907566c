import type { SeedType } from '../content/seed-content.ts';

/** Who did something: a person, an application, or an application for a person. */
export interface Actor {
  readonly userId?: string;
  readonly appId?: string;
}

/** Where a file's bytes are: computed from a stamp, or stored under an id after an upload. */
export type ContentRef =
  | { readonly type: SeedType; readonly stamp: number }
  | { readonly stored: string; readonly hash: string };

/** A former content of a file. */
export interface VersionRecord {
  readonly id: string;
  readonly size: number;
  readonly content: ContentRef;
  readonly modified: number;
  readonly modifiedBy: Actor;
}

export interface LinkRecord {
  readonly type: string;
  readonly scope: 'anonymous' | 'organization' | 'users';
  readonly webUrl: string;
  readonly token: string;
  readonly preventsDownload: boolean;
}

/** One entry of an item's own permissions; what ancestors grant is looked up there. */
export interface PermissionRecord {
  readonly id: string;
  roles: readonly string[];
  readonly userId?: string;
  /** Somebody outside the directory, known by address only. */
  readonly email?: string;
  readonly appId?: string;
  readonly link?: LinkRecord;
  readonly granted: number;
  readonly grantedBy: Actor;
  readonly expires?: number;
  readonly hasPassword?: boolean;
}

/** The rare things about an item; absent for nearly all. */
export interface ItemExtras {
  readonly permissions?: readonly PermissionRecord[];
  readonly versions?: readonly VersionRecord[];
  /** Epoch ms until which writes answer 423. */
  readonly lockedUntil?: number;
  readonly checkedOutBy?: Actor;
  readonly description?: string;
  readonly malware?: string;
  readonly specialFolder?: string;
  readonly mimeType?: string;
  readonly fields?: Readonly<Record<string, unknown>>;
}

/** One file or folder. Immutable: a change makes a new record. Times are epoch ms. */
export interface ItemRecord {
  readonly id: string;
  /** Lower-case GUID: the UniqueId of SharePoint, part of eTag and cTag. */
  readonly guid: string;
  /** Undefined for the root only. */
  readonly parentId: string | undefined;
  readonly name: string;
  readonly kind: 'file' | 'folder' | 'package';
  /** Of a file's content; the sizes of folders are summed by the drive. */
  readonly size: number;
  readonly content?: ContentRef;
  readonly created: number;
  readonly modified: number;
  readonly clientCreated: number;
  readonly clientModified: number;
  readonly createdBy: Actor;
  readonly modifiedBy: Actor;
  /** Number in the eTag: any change. */
  readonly revision: number;
  /** Number in the cTag: content changes. */
  readonly contentRevision: number;
  readonly deletedAt?: number;
  readonly extras?: ItemExtras;
}
