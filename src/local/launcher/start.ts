import path from 'node:path';
import { parseArgs } from 'node:util';
import { type Seeded, seed } from './seed.ts';
import { removeState, type Stack, startStack } from './stack.ts';
import { realSettings, startWithRealTenant } from './start-real.ts';
import { claimStateFolder } from './state-folder.ts';
import { untilStopped } from './until-stopped.ts';

const help = `npm start -- [options]

Runs Graph Valet on this machine: Azurite, a local Microsoft 365 tenant and the app. Needs no Azure account and no network.
With a local.settings.json that names a real tenant, the app talks to that one instead.

  --port N    the console's port (7071; another free one when it is busy)
  --fresh     forget the state of earlier starts
  --json      print one line of JSON: every address, id and credential, for scripts
  --verbose   show what the app and the local tenant log
  --setting NAME=VALUE
              one of the app's settings, for this start; may be given several times
  --help      this text

State is kept in .local/state. Stop with Ctrl-C.`;

const { values } = parseArgs({
  options: {
    port: { type: 'string' },
    fresh: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    verbose: { type: 'boolean', default: false },
    setting: { type: 'string', multiple: true, default: [] },
    help: { type: 'boolean', default: false },
  },
});

if (values.help) {
  console.log(help);
  process.exit(0);
}
const port = values.port === undefined ? 7071 : Number(values.port);
if (!Number.isInteger(port) || port < 0 || port > 65_535) {
  console.error(`--port must be a whole number from 0 to 65535, not "${values.port}".`);
  process.exit(2);
}

const settings = Object.fromEntries(values.setting.map(toSetting));

const say = (text: string) => {
  if (!values.json) console.log(text);
};
const onLine = (source: string, text: string) => {
  if (values.verbose) console.error(`${source}: ${text}`);
};

const startedAt = Date.now();
const real = realSettings('local.settings.json');
const state = await claimStateFolder(real ? 'state-real' : 'state', values.fresh);
if (state.second)
  say(`Another start is running: this one keeps its own state in ${path.relative('.', state.folder)}.`);
const stopping = untilStopped();

try {
  if (real) {
    const running = await startWithRealTenant({
      folder: state.folder,
      port,
      settings: { ...real, ...settings },
      onLine,
    });
    say(`Console: ${running.url}   (tenant ${real.ENTRA_TENANT_ID}, settings of local.settings.json)`);
    if (values.json) console.log(JSON.stringify({ url: running.url, tenantId: real.ENTRA_TENANT_ID }));
    await Promise.race([stopping, running.failed]);
    await running.stop();
  } else {
    say('Starting Azurite, a local tenant and the app ...');
    const stack = await startStack({ folder: state.folder, port, onLine, settings });
    try {
      if (stack.port !== port && port !== 0)
        say(`Port ${port} is busy: the console is on ${stack.port} instead.`);
      const made = await seed(stack, path.join(state.folder, 'seeded.json'));
      // This start may have another address than the last one: notifications must come to it from now on.
      await stack.trigger('subscriptions');
      console.log(
        values.json ? JSON.stringify(describe(stack, made)) : banner(stack, made, Date.now() - startedAt),
      );
      const reason = await Promise.race([stopping, stack.failed]);
      if (typeof reason === 'string') throw new Error(`${reason}; everything else was stopped too`);
      say('\nStopping ...');
    } finally {
      await stack.stop();
    }
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
} finally {
  await state.release();
  if (state.second) await removeState(state.folder);
}
process.exit();

function toSetting(text: string): [string, string] {
  const cut = text.indexOf('=');
  if (cut > 0) return [text.slice(0, cut), text.slice(cut + 1)];
  console.error(`--setting wants NAME=VALUE, not "${text}".`);
  process.exit(2);
}

function describe(stack: Stack, made: Seeded): Record<string, unknown> {
  const { tenant } = stack;
  return {
    url: stack.url,
    tokenUrl: `${stack.url}/oauth2/token`,
    administrators: tenant.users.filter((user) => user.admin),
    people: tenant.users.filter((user) => !user.admin),
    ...made,
    storageConnection: stack.storageConnection,
    tenant,
  };
}

function banner(stack: Stack, made: Seeded, ms: number): string {
  const { users, partner, personal, caFile, graphUrl, controlUrl } = stack.tenant;
  const people = users.map(
    (user) => `    ${user.upn.padEnd(34)} ${user.password}${user.admin ? '   administrator' : ''}`,
  );
  const outside = partner.users[0];
  const own = personal.users[0];
  return `
Graph Valet runs (${(ms / 1000).toFixed(1)} s).

  Console       ${stack.url}

  Who can sign in, and the password:
${people.join('\n')}
    ${outside?.upn.padEnd(34)} ${outside?.password}   administrator of another company, for consent links
    ${own?.upn.padEnd(34)} ${own?.password}   a personal account, to connect once you are signed in

  Get a token for Microsoft Graph, as a caller that holds no secret of Microsoft's:

    curl -s -u '${made.callerId}:${made.callerKey}' -d grant_type=client_credentials -d audience=${made.connection} ${stack.url}/oauth2/token

  Sign in from a terminal, and see what there is:

    npx graph-valet login --url ${stack.url}
    npx graph-valet connections list

  Microsoft Graph of the local tenant is at ${graphUrl}/v1.0 (curl --cacert ${path.relative('.', caFile)}),
  what was asked of it at ${controlUrl}/control/calls.

  Ctrl-C stops everything; the state is kept for the next start (--fresh forgets it).
`;
}
