import { z } from 'zod';
import type { PersonRow } from '../../data/sources.ts';
import type { GatherState } from '../gather-state.ts';
import type { GatherUnitContext } from '../gather-unit.ts';
import { readList } from './read-list.ts';
import { timeOf } from './time-of.ts';

const person = z.object({
  id: z.string(),
  displayName: z.string().nullish(),
  mail: z.string().nullish(),
  userPrincipalName: z.string().nullish(),
  accountEnabled: z.boolean().nullish(),
  userType: z.string().nullish(),
  createdDateTime: z.string().nullish(),
  signInActivity: z
    .object({ lastSignInDateTime: z.string().nullish(), lastSuccessfulSignInDateTime: z.string().nullish() })
    .nullish(),
});

const select = 'id,displayName,mail,userPrincipalName,accountEnabled,userType,createdDateTime';

/** People and guests; without Entra ID P1 or its permission nobody's sign-ins. */
export function readPeople(unit: GatherUnitContext, state: GatherState) {
  return readList(unit, state, {
    kind: 'people',
    name: 'People of the directory',
    // With sign-ins Graph gives no more than 120 at a time.
    starts: [`/users?$select=${select},signInActivity&$top=120`, `/users?$select=${select}&$top=999`],
    member: person,
    rows: (people) =>
      people.map((one): PersonRow => {
        const { signInActivity: signIn } = one;
        return {
          id: one.id,
          name: one.displayName ?? null,
          mail: one.mail ?? one.userPrincipalName ?? null,
          enabled: one.accountEnabled ?? null,
          guest: one.userType === undefined || one.userType === null ? null : one.userType === 'Guest',
          createdAt: timeOf(one.createdDateTime),
          lastSignIn: latest(
            timeOf(signIn?.lastSignInDateTime),
            timeOf(signIn?.lastSuccessfulSignInDateTime),
          ),
        };
      }),
  });
}

function latest(one: number | null, other: number | null): number | null {
  return one === null || (other !== null && other > one) ? other : one;
}
