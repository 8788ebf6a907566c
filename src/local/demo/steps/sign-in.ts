import { signInToConsole } from '../../launcher/console-client.ts';
import { must, type World } from '../world.ts';

/** A person signs in with password and MFA number, and the console greets them by the name that Graph gives. */
export async function signIn(world: World): Promise<string> {
  const client = await signInToConsole(world.stack.url, world.person);
  must(
    client.home.url.href === `${world.stack.url}/`,
    'the browser did not end at the clean address of the console',
  );
  must(client.home.html.includes(world.person.upn), 'the console does not show who is signed in');
  return `${world.person.upn} signed in with MFA; the console shows name and mail from Graph /me`;
}
