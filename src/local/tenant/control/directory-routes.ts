import { randomBytes, randomUUID } from 'node:crypto';
import { z } from 'zod';
import { addPeople } from '../directory/add-people.ts';
import type { Directory } from '../directory/directory.ts';
import { GRAPH_ROLES } from '../directory/known-permissions.ts';
import { GRAPH_APP } from '../directory/types.ts';
import type { Exchange, Reply, Route } from '../http/route.ts';
import { HttpFault } from '../http/route.ts';

const userChange = z
  .strictObject({
    enabled: z.boolean(),
    locked: z.boolean(),
    mfa: z.boolean(),
    password: z.string().min(1),
    passwordExpired: z.boolean(),
    /** Refresh tokens and sessions given so far end (50173). */
    revokeSessions: z.literal(true),
  })
  .partial();

const heldRoles = z.strictObject({ roles: z.array(z.string().refine((role) => GRAPH_ROLES.includes(role))) });
const newPeople = z.strictObject({ count: z.int().min(1).max(10_000), password: z.string().min(1) });

/** What an administrator of the real tenant would do in the portal. */
export function directoryControlRoutes(parts: {
  readonly directory: Directory;
  readonly clock: () => number;
}): Route[] {
  const { directory, clock } = parts;
  const route = (
    method: string,
    path: string,
    summary: string,
    handle: (exchange: Exchange) => Reply,
  ): Route => ({
    listener: 'control',
    method,
    path,
    summary,
    contract: '-',
    handle,
  });
  const appOf = ({ params }: Exchange) => {
    const app = directory.application(params.app ?? '');
    if (app) return app;
    throw new HttpFault(404, 'notFound', 'There is no such application.');
  };

  return [
    route(
      'POST',
      '/control/users',
      'Adds people without drives, who sign in by password alone',
      (exchange) => {
        const read = newPeople.safeParse(exchange.json());
        if (!read.success) throw new HttpFault(400, 'badRequest', z.prettifyError(read.error));
        const { count, password } = read.data;
        const added = addPeople(directory, count, password, new Date(clock()).toISOString());
        return { status: 201, body: { value: added.map(({ id, upn }) => ({ id, upn })) } };
      },
    ),
    route(
      'PATCH',
      '/control/users/:user',
      'Disables, locks, revokes the sessions of a person, changes the password',
      (exchange) => {
        const user = directory.findUser(exchange.params.user ?? '');
        if (!user) throw new HttpFault(404, 'notFound', 'There is no such person.');
        const read = userChange.safeParse(exchange.json());
        if (!read.success) throw new HttpFault(400, 'badRequest', z.prettifyError(read.error));
        const { revokeSessions, ...changes } = read.data;
        Object.assign(user, changes);
        // A second later than now, so that what was given in this very second is void too.
        if (revokeSessions) user.sessionsValidFrom = Math.floor(clock() / 1000) + 1;
        directory.changed();
        return { status: 204 };
      },
    ),
    route('POST', '/control/applications/:app/secrets', 'A new client secret', (exchange) => {
      const app = appOf(exchange);
      const day = 86_400_000;
      const secret = {
        keyId: randomUUID(),
        displayName: 'made by control',
        secretText: randomBytes(30).toString('base64url'),
        startDateTime: new Date(clock()).toISOString(),
        endDateTime: new Date(clock() + 180 * day).toISOString(),
      };
      app.secrets.push(secret);
      directory.changed();
      return { status: 201, body: { keyId: secret.keyId, secretText: secret.secretText } };
    }),
    route(
      'PUT',
      '/control/applications/:app/roles',
      'Which application permissions of Graph it holds at home',
      (exchange) => {
        const app = appOf(exchange);
        const read = heldRoles.safeParse(exchange.json());
        if (!read.success) throw new HttpFault(400, 'badRequest', z.prettifyError(read.error));
        const principal = directory.servicePrincipal(app.tenantId, app.appId);
        if (!principal) throw new HttpFault(404, 'notFound', 'The application is in no tenant.');
        const { roleGrants } = directory.data;
        const others = roleGrants.filter(
          (grant) => grant.principalId !== principal.id || grant.resourceAppId !== GRAPH_APP,
        );
        const held = read.data.roles.map((role) => ({
          id: randomBytes(32).toString('base64url'),
          principalId: principal.id,
          resourceAppId: GRAPH_APP,
          role,
          createdDateTime: new Date(clock()).toISOString(),
        }));
        roleGrants.splice(0, roleGrants.length, ...others, ...held);
        directory.changed();
        return { status: 204 };
      },
    ),
    route(
      'POST',
      '/control/applications/:app/secrets/expire',
      'Ends every client secret (7000222)',
      (exchange) => {
        for (const secret of appOf(exchange).secrets)
          secret.endDateTime = new Date(clock() - 1000).toISOString();
        directory.changed();
        return { status: 204 };
      },
    ),
  ];
}
