import type { Seeded } from '../seed.ts';
import type { TenantRecord, User } from './types.ts';

interface Person {
  readonly given: string;
  readonly surname: string;
  readonly upn?: string;
  readonly title: string;
  readonly department: string;
  readonly office: string;
  readonly admin?: true;
  readonly mfa?: true;
}

/** Six people of Contoso, the administrator first; the last two sign in with a password alone. */
export const CONTOSO_PEOPLE: readonly Person[] = [
  {
    given: 'Ada',
    surname: 'Admin',
    upn: 'admin',
    title: 'IT Administrator',
    department: 'IT',
    office: 'Zurich 1.01',
    admin: true,
    mfa: true,
  },
  {
    given: 'Bruno',
    surname: 'Keller',
    title: 'Head of Finance',
    department: 'Finance',
    office: 'Zurich 2.14',
    mfa: true,
  },
  {
    given: 'Chiara',
    surname: 'Rossi',
    title: 'Controller',
    department: 'Finance',
    office: 'Milan 0.3',
    mfa: true,
  },
  {
    given: 'David',
    surname: 'Okafor',
    title: 'Sales Manager',
    department: 'Sales',
    office: 'London 4.2',
    mfa: true,
  },
  {
    given: 'Emma',
    surname: 'Larsen',
    title: 'Project Manager',
    department: 'Operations',
    office: 'Oslo 3.7',
  },
  { given: 'Farid', surname: 'Haddad', title: 'Accountant', department: 'Finance', office: 'Zurich 2.15' },
];

export const FABRIKAM_PEOPLE: readonly Person[] = [
  {
    given: 'Grace',
    surname: 'Admin',
    upn: 'admin',
    title: 'IT Lead',
    department: 'IT',
    office: 'Dublin',
    admin: true,
  },
  { given: 'Hugo', surname: 'Berg', title: 'Designer', department: 'Design', office: 'Dublin' },
];

export const PERSONAL_PEOPLE: readonly Person[] = [
  { given: 'Iris', surname: 'Novak', title: '', department: '', office: '' },
  { given: 'Jonas', surname: 'Weber', title: '', department: '', office: '' },
];

/** The user records of one tenant; passwords are simple on purpose and printed at the start. */
export function seedPeople(seeded: Seeded, tenant: TenantRecord, people: readonly Person[]): User[] {
  const domain = tenant.domains[0] ?? 'example.com';
  return people.map((person, index) => {
    const upn = `${person.upn ?? `${person.given}.${person.surname}`.toLowerCase()}@${domain}`;
    const personal = tenant.kind === 'personal';
    return {
      id: personal ? toPersonalId(seeded.hex(`cid ${upn}`, 16)) : seeded.guid(`user ${upn}`),
      tenantId: tenant.id,
      upn,
      displayName: `${person.given} ${person.surname}`,
      givenName: person.given,
      surname: person.surname,
      mail: upn,
      jobTitle: person.title,
      department: person.department,
      officeLocation: person.office,
      password: `${person.given}-2026`,
      enabled: true,
      passwordExpired: false,
      locked: false,
      admin: person.admin ?? false,
      mfa: person.mfa ?? false,
      driveId: personal ? seeded.hex(`cid ${upn}`, 16).toUpperCase() : toDriveId(seeded, `drive ${upn}`),
      createdDateTime: `2024-0${1 + (index % 9)}-1${index % 9}T08:30:00Z`,
      sessionsValidFrom: 0,
    };
  });
}

/** Personal accounts have object ids that end in their 16 hex digits. */
function toPersonalId(cid: string): string {
  return `00000000-0000-0000-${cid.slice(0, 4)}-${cid.slice(4)}`;
}

/** `b!` and 64 characters that stand for three GUIDs, as business drives have. */
export function toDriveId(seeded: Seeded, name: string): string {
  return `b!${seeded.bytes(name, 48).toString('base64url')}`;
}
