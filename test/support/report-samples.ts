import type { ReportSources } from '../../src/reports/data/sources.ts';
import { child, item, seeded, sized } from './report-drive.ts';
import {
  dayMs,
  type ReportWorld,
  readDrive,
  reportNow,
  type TestItem,
  type TestPermission,
  type TestVersion,
} from './report-world.ts';

const people = [
  'Ada Lovelace',
  'Grace Hopper',
  'Linus Pauling',
  'Zoë Müller',
  'Nakamura 花子',
  'Build robot',
];
const topFolders = [
  'Projects',
  'Customers',
  'Contracts',
  'Photos',
  'Archive 2019',
  'Inbox',
  'Marketing',
  'HR',
];
const middle = ['Contoso', 'Fabrikam', 'Northwind', 'Tailspin', 'Q1', 'Q2', 'Drafts', 'Final', 'Übersicht'];
const subjects = [
  'Budget',
  'Annual report',
  'Offer',
  'Invoice',
  'Minutes',
  'Campaign film',
  'Plan',
  'Interview',
];
const kinds = [
  { extension: 'docx', size: 120_000 },
  { extension: 'xlsx', size: 400_000 },
  { extension: 'pptx', size: 9_000_000 },
  { extension: 'pdf', size: 2_000_000 },
  { extension: 'jpg', size: 5_000_000 },
  { extension: 'mp4', size: 900_000_000 },
  { extension: 'zip', size: 200_000_000 },
];

/** What a company of a few drives would give a report: plausible names and sizes, people inside and outside, and odd ones among them. `share` of the files are made. */
export async function sampleSources(world: ReportWorld, share = 1): Promise<ReportSources> {
  const drives = [
    { driveId: 'b!marketing', name: 'Marketing documents', files: 900, seed: 7 },
    { driveId: 'b!finance', name: 'Finance', files: 500, seed: 8 },
    { driveId: 'b!ada', name: "Ada Lovelace's OneDrive", files: 250, seed: 9 },
  ];
  const now = drives.flatMap((drive) => companyDrive({ ...drive, files: drive.files * share }));
  const before = now
    .filter((_, index) => index % 23 !== 5)
    .map((each, index) => ({
      ...each,
      size: index % 31 === 0 && each.size !== null ? Math.round(each.size * 0.6) : each.size,
      item_id: index % 41 === 7 && each.kind === 'file' ? `${each.item_id}-gone` : each.item_id,
    }));
  const rows = drives.map(({ driveId, name }, index) =>
    readDrive(driveId, {
      name,
      kind: index === 2 ? 'business' : 'documentLibrary',
      ownerId: index === 2 ? 'ada' : null,
      ownerName: index === 2 ? 'Ada Lovelace' : 'Marketing team',
      ownerMail: index === 2 ? 'ada@contoso.com' : 'marketing@contoso.com',
      siteName: index === 2 ? null : name,
      webUrl: `https://contoso.sharepoint.com/sites/${index}`,
      quotaTotal: 1024 ** 4,
      quotaUsed: Math.round(1024 ** 4 * (0.93 - index * 0.3)),
      quotaDeleted: 30_000_000_000,
      quotaState: index === 0 ? 'nearing' : 'normal',
      previousReadAt: reportNow - 7 * dayMs,
    }),
  );
  const denied = {
    driveId: 'b!legal',
    name: 'Legal (hold)',
    outcome: 'denied' as const,
    reason: 'Microsoft Graph answered: access denied.',
  };
  const history = Array.from({ length: 12 }, (_, week) =>
    rows.map((drive, index) => ({
      ...drive,
      readAt: reportNow - (12 - week) * 7 * dayMs,
      quotaUsed: Math.round((drive.quotaUsed ?? 0) * (1 - (12 - week) * 0.012 * (index + 1))),
    })),
  ).flat();
  return {
    items: [await world.items(now)],
    previous: [await world.items(before)],
    permissions: [await world.permissions(companyPermissions(now))],
    versions: [await world.versions(companyVersions(now))],
    drives: [...rows, denied],
    driveHistory: history,
    ...directory(),
    ...automation(),
  };
}

interface CompanyDrive {
  readonly driveId: string;
  readonly files: number;
  readonly seed: number;
}

function companyDrive({ driveId, files, seed }: CompanyDrive): TestItem[] {
  const random = seeded(seed);
  const pick = picker(random);
  const root = item({ drive_id: driveId, item_id: `${driveId}-root`, kind: 'root', name: 'root', path: '/' });
  const folders = topFolders.map((name, index) =>
    child(root, { item_id: `${driveId}-t${index}`, kind: 'folder', name }),
  );
  for (let index = 0; index < 40; index += 1) {
    const parent = pick(folders);
    const name =
      index === 3
        ? `${'A very long name of a folder '.repeat(6)}end`
        : `${pick(middle)} ${2018 + (index % 9)}`;
    folders.push(child(parent, { item_id: `${driveId}-d${index}`, kind: 'folder', name }));
  }
  const all = Array.from({ length: files }, (_, index) => {
    const { extension, size } = pick(kinds);
    const modified = reportNow - Math.floor(random() ** 2 * 2_400) * dayMs - 3_600_000;
    const copy = random() < 0.08;
    const number = copy ? Math.floor(random() * 12) : index;
    return child(pick(folders), {
      item_id: `${driveId}-f${index}`,
      name:
        index === 11
          ? '=HYPERLINK("https://evil.example") report.xlsx'
          : `${pick(subjects)} ${number}.${extension}`,
      extension,
      size: copy ? 7_000_000 + number * 91_000 : Math.floor(size * (0.2 + 3 * random() ** 3)),
      hash: copy ? `copy-${number}` : `hash-${driveId}-${index}`,
      created_at: modified - 20 * dayMs,
      modified_at: modified,
      created_by: pick(people),
      modified_by: pick(people),
      shared_scope: random() < 0.1 ? pick(['anonymous', 'organization', 'users']) : null,
      unique_permissions: random() < 0.05,
      web_url: `https://contoso.sharepoint.com/sites/${encodeURIComponent(driveId)}/Shared%20Documents/${index}`,
    });
  });
  return sized([root, ...folders, ...all]);
}

const grantees = [
  {
    grantee_kind: 'user',
    grantee_id: 'grace',
    grantee_name: 'Grace Hopper',
    grantee_mail: 'grace@contoso.com',
  },
  {
    grantee_kind: 'guest',
    grantee_id: 'zoe',
    grantee_name: 'Zoë (Fabrikam)',
    grantee_mail: 'zoe@fabrikam.com',
  },
  { grantee_kind: 'guest', grantee_id: 'li', grantee_name: 'Li Wei', grantee_mail: 'li@tailspin.example' },
  {
    grantee_kind: 'group',
    grantee_id: 'everyone',
    grantee_name: 'Everyone except external users',
    grantee_mail: null,
  },
  { grantee_kind: 'group', grantee_id: 'sales', grantee_name: 'Sales', grantee_mail: 'sales@contoso.com' },
  { grantee_kind: 'app', grantee_id: 'backup', grantee_name: 'Backup', grantee_mail: null },
];

function companyPermissions(items: readonly TestItem[]): TestPermission[] {
  const random = seeded(21);
  const pick = picker(random);
  return items.flatMap(({ drive_id, item_id, shared_scope }, index): TestPermission[] => {
    if (shared_scope === null && random() < 0.9) return [];
    const link = shared_scope ?? 'users';
    const direct = random() < 0.4;
    return [
      {
        drive_id,
        item_id,
        permission_id: `p${index}`,
        role: pick(['read', 'read', 'write']),
        kind: direct ? 'direct' : 'link',
        link_scope: direct ? null : link,
        link_type: direct ? null : pick(['view', 'edit']),
        expires_at: random() < 0.6 ? null : reportNow + Math.floor((random() - 0.3) * 90 * dayMs),
        has_password: link === 'anonymous' ? random() < 0.3 : null,
        inherited_from: null,
        ...(direct || link === 'users' ? pick(grantees) : {}),
      },
    ];
  });
}

function companyVersions(items: readonly TestItem[]): TestVersion[] {
  return items
    .filter(({ kind, size }) => kind === 'file' && (size ?? 0) > 20_000_000)
    .slice(0, 120)
    .flatMap(({ drive_id, item_id, size }, index) =>
      Array.from({ length: 1 + ((index * 7) % 40) }, (_, version) => ({
        drive_id,
        item_id,
        version_id: `${version + 1}.0`,
        size: Math.round((size ?? 0) * (0.7 + 0.3 / (version + 1))),
        modified_at: reportNow - version * 9 * dayMs,
        modified_by: people[version % people.length] ?? null,
      })),
    );
}

function directory(): Pick<ReportSources, 'people' | 'groups' | 'apps'> {
  return {
    people: Array.from({ length: 60 }, (_, index) => ({
      id: index === 0 ? 'ada' : `person-${index}`,
      name: people[index % people.length] ?? '',
      mail: `person${index}@${index % 9 === 4 ? 'fabrikam.com' : 'contoso.com'}`,
      enabled: index % 7 !== 3,
      guest: index % 9 === 4,
      createdAt: reportNow - (index + 3) * 40 * dayMs,
      lastSignIn: index % 5 === 2 ? null : reportNow - index * 6 * dayMs,
    })),
    groups: Array.from({ length: 14 }, (_, index) => ({
      id: index === 0 ? 'everyone' : index === 1 ? 'sales' : `group-${index}`,
      name: ['Sales', 'Marketing team', 'Steering committee', 'Old project'][index % 4] ?? '',
      mail: `group${index}@contoso.com`,
      driveId: index === 3 ? 'b!finance' : index === 4 ? 'b!marketing' : null,
      ownerCount: index % 3 === 0 ? 0 : 2,
      memberCount: index === 0 ? 5_400 : 12 * index,
      deletedAt: index % 6 === 5 ? reportNow - 12 * dayMs : null,
    })),
    apps: Array.from({ length: 9 }, (_, index) => ({
      appId: `00000000-0000-4000-8000-00000000000${index}`,
      name: ['Backup', 'Intranet', 'Graph Valet'][index % 3] ?? '',
      credentialKind: index % 2 === 0 ? 'secret' : 'certificate',
      credentialId: `key-${index}`,
      expiresAt: reportNow + (index * 23 - 30) * dayMs,
    })),
  };
}

function automation(): Pick<ReportSources, 'subscriptions' | 'rules' | 'budgets' | 'history'> {
  return {
    subscriptions: ['b!marketing', 'b!finance', 'b!ada'].map((driveId, index) => ({
      subscriptionId: `sub-${index}`,
      driveId,
      state: index === 1 ? 'failed' : 'active',
      expiresAt: reportNow + (index - 1) * dayMs,
      lastTapAt: reportNow - index * 3_600_000,
      lastReadAt: reportNow - index * 600_000,
      missedTaps: index,
    })),
    rules: ['file-invoices', 'convert-offers', 'warn-of-links'].map((name, index) => ({
      name,
      state: index === 2 ? 'held' : 'on',
      lastRunAt: reportNow - index * 7_200_000,
      operations: 140 * (index + 1),
      failures: index * 3,
      quarantined: index,
    })),
    budgets: [
      { tenantId: 'contoso', unitsUsed: 310_000, unitsAllowed: 1_200_000, throttled: 4, pausedUntil: null },
    ],
    history: [],
  };
}

function picker(random: () => number): <T>(from: readonly T[]) => T {
  return (from) => {
    const value = from[Math.floor(random() * from.length)];
    if (value === undefined) throw new Error('nothing to pick from');
    return value;
  };
}
