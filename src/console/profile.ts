import { z } from 'zod';
import type { Person } from '../broker/sessions.ts';
import type { GraphFor } from '../graph/graph-client.ts';
import type { Profile } from './handlers/home.tsx';

const me = z.object({
  displayName: z.string().nullable(),
  mail: z.string().nullable(),
  userPrincipalName: z.string(),
});

/** Name and mail of a person as Graph /me says them now, with the person's own token. */
export function createProfile(graphFor: GraphFor): (person: Person) => Promise<Profile> {
  return async (person) => {
    const graph = await graphFor(person.connectionId, 'interactive');
    const { body } = await graph.call({ path: '/me?$select=displayName,mail,userPrincipalName', schema: me });
    return { name: body.displayName ?? person.name, mail: body.mail ?? body.userPrincipalName };
  };
}
