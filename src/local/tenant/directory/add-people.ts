import { randomUUID } from 'node:crypto';
import type { Directory } from './directory.ts';
import type { User } from './types.ts';

/** Adds people to the first tenant who have no OneDrive yet, as new employees do, and sign in by password alone. */
export function addPeople(directory: Directory, count: number, password: string, createdAt: string): User[] {
  const { tenants, users } = directory.data;
  const [tenant] = tenants;
  if (!tenant) throw new Error('a directory without a tenant');
  const from = users.length + 1;
  const added = Array.from({ length: count }, (_, index): User => {
    const surname = String(from + index).padStart(5, '0');
    const upn = `new.person${surname}@${tenant.domains[0]}`;
    return {
      id: randomUUID(),
      tenantId: tenant.id,
      upn,
      displayName: `Person ${surname}`,
      givenName: 'Person',
      surname,
      mail: upn,
      jobTitle: 'New employee',
      department: 'Operations',
      officeLocation: 'London',
      password,
      enabled: true,
      passwordExpired: false,
      locked: false,
      admin: false,
      mfa: false,
      driveId: `b!none-${surname}`,
      createdDateTime: createdAt,
      sessionsValidFrom: 0,
    };
  });
  users.push(...added);
  directory.changed();
  return added;
}
