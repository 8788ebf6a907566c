import { seeded } from './report-drive.ts';
import { dayMs, reportNow, type TestItem, type TestPermission } from './report-world.ts';

const grantees = [
  { grantee_kind: 'user', grantee_id: 'u1', grantee_name: 'Ada Lovelace', grantee_mail: 'ada@contoso.com' },
  {
    grantee_kind: 'user',
    grantee_id: 'u2',
    grantee_name: 'Grace Hopper',
    grantee_mail: 'Grace@Partner.example',
  },
  { grantee_kind: 'guest', grantee_id: 'g1', grantee_name: 'Zoë', grantee_mail: 'zoe@fabrikam.com' },
  {
    grantee_kind: 'guest',
    grantee_id: 'g2',
    grantee_name: 'Li',
    grantee_mail: 'li_Tailspin.com#EXT#@contoso.com',
  },
  { grantee_kind: 'guest', grantee_id: 'g3', grantee_name: 'No mail', grantee_mail: null },
  {
    grantee_kind: 'group',
    grantee_id: 'grp1',
    grantee_name: 'Everyone except external users',
    grantee_mail: null,
  },
  { grantee_kind: 'group', grantee_id: 'grp2', grantee_name: 'Sales', grantee_mail: 'sales@contoso.com' },
  { grantee_kind: 'group', grantee_id: 'grp3', grantee_name: 'Small team', grantee_mail: null },
  { grantee_kind: 'app', grantee_id: 'app1', grantee_name: 'Backup', grantee_mail: null },
];

/** Permissions of all kinds on some of the items. */
export function testPermissions(items: readonly TestItem[], seed: number): TestPermission[] {
  const random = seeded(seed);
  const pick = <T>(from: readonly T[]): T => {
    const value = from[Math.floor(random() * from.length)];
    if (value === undefined) throw new Error('nothing to pick from');
    return value;
  };
  return items.flatMap(({ drive_id, item_id }, index): TestPermission[] => {
    if (random() < 0.4) return [];
    return Array.from({ length: 1 + Math.floor(random() * 3) }, (_, number) => {
      const kind = pick(['direct', 'direct', 'link', 'inherited']);
      const scope = kind === 'direct' ? null : pick(['anonymous', 'organization', 'users']);
      const to = scope === null || scope === 'users' ? pick(grantees) : {};
      return {
        drive_id,
        item_id,
        permission_id: `p${index}-${number}`,
        role: pick(['read', 'write', 'owner']),
        kind,
        link_scope: scope,
        link_type: scope === null ? null : pick(['view', 'edit']),
        expires_at: random() < 0.5 ? null : reportNow + Math.floor((random() - 0.3) * 60 * dayMs),
        has_password: scope === 'anonymous' ? random() < 0.3 : null,
        inherited_from: kind === 'inherited' ? '/' : null,
        ...to,
      };
    });
  });
}
