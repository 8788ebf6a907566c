import path from 'node:path';
import { parseArgs } from 'node:util';
import { seed } from '../launcher/seed.ts';
import { removeState, type Stack, startStack } from '../launcher/stack.ts';
import { consent } from './steps/consent.ts';
import { fileOperation } from './steps/file-operation.ts';
import { report } from './steps/report.ts';
import { signIn } from './steps/sign-in.ts';
import { tokenApp } from './steps/token-app.ts';
import { tokenUser } from './steps/token-user.ts';
import { openWorld, type World } from './world.ts';

const help = `npm run demo -- [options]

Starts a fresh stack on free ports, goes through the six things that Graph Valet does as a browser and a caller would,
and removes everything again. Exit status 0 only if all six hold.

  --json      one object a line: {"step","ok","ms","detail"}
  --verbose   show what the app and the local tenant log
  --help      this text`;

const steps: readonly (readonly [name: string, run: (world: World) => Promise<string>])[] = [
  ['sign_in', signIn],
  ['token_user', tokenUser],
  ['token_app', tokenApp],
  ['report', report],
  ['file_operation', fileOperation],
  ['consent', consent],
];

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    verbose: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) {
  console.log(help);
  process.exit(0);
}

const folder = path.join('.local', `demo-${process.pid}`);
let stack: Stack | undefined;
let failures = 0;

const cleanUp = async () => {
  await stack?.stop();
  await removeState(folder);
};
process.on('SIGINT', () => void cleanUp().finally(() => process.exit(130)));
process.on('SIGTERM', () => void cleanUp().finally(() => process.exit(143)));

try {
  if (!values.json) console.log('Starting a fresh stack ...');
  stack = await startStack({
    folder,
    port: 0,
    onLine: (source, text) => {
      if (values.verbose) console.error(`${source}: ${text}`);
    },
  });
  const world = await openWorld(stack, await seed(stack, path.join(folder, 'seeded.json')));
  for (const [name, run] of steps) {
    const startedAt = performance.now();
    const [ok, detail] = await run(world).then(
      (done) => [true, done] as const,
      (error: unknown) => [false, error instanceof Error ? error.message : String(error)] as const,
    );
    const ms = Math.round(performance.now() - startedAt);
    if (!ok) failures += 1;
    if (values.json) console.log(JSON.stringify({ step: name, ok, ms, detail }));
    else
      console.log(`${ok ? 'ok    ' : 'FAILED'}  ${name.padEnd(15)} ${String(ms).padStart(6)} ms  ${detail}`);
  }
} catch (error) {
  failures += 1;
  console.error(`The demo could not run: ${error instanceof Error ? error.message : error}`);
} finally {
  await cleanUp();
}
process.exit(failures === 0 ? 0 : 1);
