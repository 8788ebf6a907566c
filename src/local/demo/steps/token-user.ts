import { must, type World } from '../world.ts';

interface Connections {
  readonly value: readonly {
    readonly id: string;
    readonly kind: string;
    readonly username?: string;
    readonly scopes: readonly string[];
  }[];
}

/** A script gets a token for that person's connection with its API key, and Graph accepts it as that person. */
export async function tokenUser(world: World): Promise<string> {
  const { value } = await world.admin.api<Connections>('GET', '/api/connections');
  const connection = value.find((each) => each.kind === 'user' && each.username === world.person.upn);
  must(connection, `the sign-in left no connection for ${world.person.upn}`);
  await world.admin.api('PUT', '/api/policies/first-caller-as-person', {
    caller: { kind: 'api_key', id: world.seeded.callerId },
    grant: { connection: connection.id, delivery: ['token'], scopes: connection.scopes },
  });

  const token = await world.token({ audience: connection.id, scope: 'User.Read' });
  const me = (await (await world.graph(token.access_token, '/me')).json()) as { userPrincipalName?: string };
  must(me.userPrincipalName === world.person.upn, 'Graph does not take the token as that person');
  return `an API key got a token for ${world.person.upn} that lives ${token.expires_in} s; Graph /me agrees`;
}
