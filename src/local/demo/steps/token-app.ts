import { must, type World } from '../world.ts';

/** The same script gets an app-only token; a connection that no policy names is refused. */
export async function tokenApp(world: World): Promise<string> {
  const token = await world.token({ audience: world.seeded.connection });
  const users = (await (await world.graph(token.access_token, '/users')).json()) as {
    value?: readonly unknown[];
  };
  must(users.value && users.value.length >= 6, 'Graph does not take the token as the app');
  const refused = await world.token({ audience: 'no-such-connection' }).then(
    () => false,
    () => true,
  );
  must(refused, 'a connection that no policy names was served');
  return `an app-only token for ${world.seeded.connection}; Graph lists ${users.value.length} users; others are refused`;
}
