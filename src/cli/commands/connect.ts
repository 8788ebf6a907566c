import { setTimeout as pause } from 'node:timers/promises';
import type { Connection } from '../connection.ts';
import type { Context, RegisterCommand } from '../context.ts';
import { CliFailure } from '../failure.ts';
import { whoAmI } from '../session.ts';
import { openBrowser } from '../sign-in/open-browser.ts';
import { listConnections } from './connections.ts';

interface ConnectOptions {
  readonly personal?: boolean;
  readonly account?: string;
  readonly scope?: string;
  /** False with --no-browser. */
  readonly browser: boolean;
}

const limitMs = 180_000;
const everyMs = 2_000;

export const connect: RegisterCommand = (program, run) => {
  program
    .command('connect')
    .description('connect a Microsoft account of yours, in the browser, and wait until it is there')
    .option('--personal', 'a personal Microsoft account')
    .option('--account <name>', 'the user name, so that no other account is taken by accident')
    .option('--scope <scopes>', 'further Graph permissions, separated by spaces')
    .option('--no-browser', 'print the address instead of opening it')
    .action((options: ConnectOptions, command) => run(command, (context) => wait(context, options)));
};

async function wait(context: Context, options: ConnectOptions): Promise<void> {
  const { environment, installation, output } = context;
  const who = await whoAmI(installation, await context.token());
  const before = new Map((await listConnections(context)).map((each) => [each.id, each.signedInAt]));
  const address = `${installation.url}/auth/connect?${queryOf(options)}`;
  output.say(
    `Open this address in a browser where you are signed in to ${installation.url}, or sign in there:`,
  );
  output.say(`\n  ${address}\n`);
  if (options.browser && environment.hasBrowser) await openBrowser(address, environment.browser);
  output.say('Waiting for at most 3 minutes ...');

  // Their own sign-in, which may come first, and what others connect at the same time are not what is waited for.
  const isNew = ({ id, signedInAt, username, createdBy }: Connection) =>
    signedInAt !== undefined &&
    before.get(id) !== signedInAt &&
    id !== who.connectionId &&
    createdBy === who.objectId &&
    (options.account === undefined || username?.toLowerCase() === options.account.toLowerCase());
  const giveUpAt = Date.now() + limitMs;
  while (Date.now() < giveUpAt) {
    const found = (await listConnections(context)).find(isNew);
    if (found) {
      output.result(found, `Connected ${found.username ?? found.id} as ${found.alias}.`);
      return;
    }
    await pause(everyMs);
  }
  throw new CliFailure('timed_out', 'No account was connected in time.', {
    exit: 'timedOut',
    next: 'graph-valet connect',
  });
}

function queryOf({ personal, account, scope }: ConnectOptions): string {
  const query = new URLSearchParams({
    ...(personal ? { account: 'personal' } : {}),
    ...(account === undefined ? {} : { login_hint: account }),
    ...(scope === undefined ? {} : { scope }),
  });
  return query.toString().replaceAll('+', '%20');
}
