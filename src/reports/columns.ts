import { columns as itemColumns } from '../inventory/columns.ts';
import type {
  AppRow,
  BudgetRow,
  DriveRow,
  GroupRow,
  PersonRow,
  RuleRow,
  SubscriptionRow,
} from './data/sources.ts';

export type ColumnType = 'VARCHAR' | 'BIGINT' | 'INTEGER' | 'DOUBLE' | 'BOOLEAN' | 'TIMESTAMP';

export interface ViewColumn {
  readonly name: string;
  readonly type: ColumnType;
  readonly unit?: string;
  readonly meaning: string;
}

export interface View {
  readonly summary: string;
  readonly columns: readonly ViewColumn[];
}

type Shape = Omit<ViewColumn, 'name'>;

const text = (meaning: string): Shape => ({ type: 'VARCHAR', meaning });
const whole = (meaning: string, unit = 'items'): Shape => ({ type: 'BIGINT', unit, meaning });
const bytes = (meaning: string): Shape => whole(meaning, 'bytes');
const time = (meaning: string): Shape => ({ type: 'TIMESTAMP', meaning: `${meaning} (UTC)` });
const flag = (meaning: string): Shape => ({ type: 'BOOLEAN', meaning });

const items: readonly ViewColumn[] = itemColumns.map(({ name, type, meaning }) => {
  const unit = name === 'size' ? 'bytes' : name === 'child_count' ? 'items' : undefined;
  return { name, type, meaning, ...(unit === undefined ? {} : { unit }) };
});

const permissions = named({
  driveId: text('drive'),
  itemId: text('item that the permission is on'),
  permissionId: text('id of the permission on its item'),
  role: text('read, write or owner'),
  kind: text('link, direct or inherited'),
  linkScope: text('anonymous, organization or users; null when it is no link'),
  linkType: text('view, edit, embed or another; null when it is no link'),
  linkUrlHash: text('tells links apart without being one'),
  granteeKind: text('user, group, guest, app, anyone or organization'),
  granteeId: text('object id of who has it'),
  granteeName: text('name of who has it'),
  granteeMail: text('mail address of who has it'),
  expiresAt: time('when it ends by itself'),
  hasPassword: flag('a link that asks for a password'),
  inheritedFrom: text('path of the folder that it comes from'),
});

const versions = named({
  driveId: text('drive'),
  itemId: text('file'),
  versionId: text('number of the version'),
  size: bytes('size of the version'),
  modifiedAt: time('when the version was written'),
  modifiedBy: text('name of who wrote it'),
});

const drives = named<keyof DriveRow>({
  driveId: text('drive'),
  name: text('name of the drive'),
  kind: text('personal, business or documentLibrary'),
  ownerId: text('object id of the owner'),
  ownerName: text('name of the owner'),
  ownerMail: text('mail address of the owner'),
  siteName: text('site that the drive belongs to'),
  webUrl: text('address for a browser'),
  quotaTotal: bytes('room'),
  quotaUsed: bytes('used room, with versions and the recycle bin'),
  quotaDeleted: bytes('room that the recycle bin takes'),
  quotaState: text('normal, nearing, critical or exceeded'),
  readAt: time('when this was read'),
  previousReadAt: time('when it was read before'),
  outcome: text('read, denied or skipped'),
  reason: text('why it was not read'),
});

const people = named<keyof PersonRow>({
  id: text('object id'),
  name: text('name'),
  mail: text('mail address'),
  enabled: flag('may sign in'),
  guest: flag('a guest of another organisation'),
  createdAt: time('when the account was made'),
  lastSignIn: time('last sign-in that Entra tells of'),
});

const groups = named<keyof GroupRow>({
  id: text('object id'),
  name: text('name'),
  mail: text('mail address'),
  driveId: text("drive of the group's site"),
  ownerCount: whole('owners', 'people'),
  memberCount: whole('members', 'people'),
  deletedAt: time('when it was deleted; null when it was not'),
});

const apps = named<keyof AppRow>({
  appId: text('app'),
  name: text('name of the app'),
  credentialKind: text('secret or certificate'),
  credentialId: text('id of the credential, never the credential itself'),
  expiresAt: time('when the credential ends'),
});

const subscriptions = named<keyof SubscriptionRow>({
  subscriptionId: text('id of the subscription'),
  driveId: text('drive'),
  state: text('active, polling or failed'),
  expiresAt: time('when it ends unless it is renewed'),
  lastTapAt: time('last notification'),
  lastReadAt: time('when the changes were last read'),
  missedTaps: whole('changes that no notification told of', 'notifications'),
});

const rules = named<keyof RuleRow>({
  name: text('name of the rule'),
  state: text('on, off, watching or held'),
  lastRunAt: time('when it last did something'),
  operations: whole('operations in the last 7 days', 'operations'),
  failures: whole('operations that failed in the last 7 days', 'operations'),
  quarantined: whole('files that it keeps away from', 'files'),
});

const budgets = named<keyof BudgetRow>({
  tenantId: text('tenant'),
  unitsUsed: whole('resource units used in the last 24 hours', 'resource units'),
  unitsAllowed: whole('resource units that 24 hours allow', 'resource units'),
  throttled: whole('answers 429 in the last 24 hours', 'answers'),
  pausedUntil: time('until when Microsoft asked to wait'),
});

/** Every view that a report, also one that a user writes, may ask. */
export const views = {
  files: { summary: 'Files, one row each.', columns: items },
  folders: { summary: 'Folders and the root of each drive.', columns: items },
  items: {
    summary: 'Everything in the drives: files, folders, notebooks, shortcuts, roots.',
    columns: items,
  },
  previous_items: { summary: 'The same at the time of the inventory before.', columns: items },
  permissions: { summary: 'Who may do what with shared items, one row per grant.', columns: permissions },
  versions: { summary: 'Earlier and present versions of the largest files.', columns: versions },
  drives: { summary: 'The drives that the run looked at.', columns: drives },
  drive_history: { summary: 'The same drives at earlier times.', columns: drives },
  people: { summary: 'People of the directory, guests too.', columns: people },
  groups: { summary: 'Microsoft 365 groups, also deleted ones that can be restored.', columns: groups },
  apps: { summary: 'Secrets and certificates of apps.', columns: apps },
  subscriptions: { summary: 'Change notifications that are asked for.', columns: subscriptions },
  rules: { summary: 'Rules on files and how they fared.', columns: rules },
  budgets: { summary: 'What was used of what Microsoft Graph allows.', columns: budgets },
} as const satisfies Readonly<Record<string, View>>;

export type ViewName = keyof typeof views;

function named<K extends string>(shapes: Readonly<Record<K, Shape>>): readonly ViewColumn[] {
  return Object.entries<Shape>(shapes).map(([name, shape]) => ({ name: columnName(name), ...shape }));
}

/** `driveId` as `drive_id`. */
export function columnName(property: string): string {
  return property.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
