import { tokenRevocation } from 'openid-client';
import type { Context, RegisterCommand } from '../context.ts';
import { whoAmI } from '../session.ts';
import { signInByDevice } from '../sign-in/device.ts';
import { signInByLoopback } from '../sign-in/loopback.ts';
import { openBrowser } from '../sign-in/open-browser.ts';
import { ownClient, toSavedSignIn } from '../tokens/own-client.ts';

interface LoginOptions {
  readonly device?: boolean;
  /** False with --no-browser. */
  readonly browser: boolean;
}

export const login: RegisterCommand = (program, run) => {
  program
    .command('login')
    .description('sign in to an installation of Graph Valet, by the browser of this machine')
    .option('--device', 'by a code that is typed into a browser on any machine')
    .option('--no-browser', 'print the address instead of opening it')
    .action((options: LoginOptions, command) => run(command, (context) => signIn(context, options)));
};

async function signIn(context: Context, { device, browser }: LoginOptions): Promise<void> {
  const { environment, file, installation, output } = context;
  const { url } = installation;
  const byDevice = device ?? (browser && !environment.hasBrowser);
  const answer = byDevice
    ? await signInByDevice(url, ({ address, code, minutes }) => {
        output.say(`Open ${address} in a browser on any machine and type the code ${code}`);
        output.say(`Waiting for at most ${minutes} minutes ...`);
      })
    : await signInByLoopback(url, {
        async show(address) {
          output.say(`To sign in, open this address in a browser on this machine:\n\n  ${address}\n`);
          if (browser) await openBrowser(address, environment.browser);
          output.say('Waiting for at most 3 minutes ...');
        },
      });
  const who = await whoAmI(installation, answer.access_token);
  try {
    await file.locked(() => file.set(url, toSavedSignIn(answer, who.username)));
  } catch (error) {
    // What can't be kept must not go on living.
    await tokenRevocation(ownClient(url), answer.access_token);
    throw error;
  }
  const role = who.administrator ? 'administrator' : 'not an administrator';
  output.result(
    { url, username: who.username, administrator: who.administrator },
    `Signed in to ${url} as ${who.username} (${role}). Next: graph-valet connections list`,
  );
}
