import { readCliOptions, usage } from './cli-options.ts';
import { createLog } from './log.ts';
import type { LocalFunction } from './registrations.ts';
import { applySettingsFile } from './settings.ts';
import { type RunningHost, startHost } from './start-host.ts';

/** How long running invocations may take to end after a signal. */
const stopLimitMs = 10_000;

const { env } = process;
process.on('disconnect', () => process.exit(1));

try {
  await main();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exit(1);
}

async function main(): Promise<void> {
  const options = readCliOptions(process.argv.slice(2), env);
  if (options.help) {
    process.stdout.write(usage);
    return;
  }
  // The keys are the host's business; in Azure the app does not see them either.
  delete env.FUNCTIONS_FUNCTION_KEY;
  delete env.FUNCTIONS_MASTER_KEY;
  if (options.settings !== undefined) await applySettingsFile(options.settings, env);
  const log = createLog({
    format: options.logFormat,
    level: options.logLevel,
    write: (line) => process.stderr.write(`${line}\n`),
    now: () => new Date(),
  });
  const host = await startHost({ ...options, env, log, now: () => new Date() });
  stopOnSignal(host);
  const functions = host.functions.map(describe);
  const { url, port } = host;
  process.stdout.write(
    options.json
      ? `${JSON.stringify({ url, port, functions })}\n`
      : `Listening on ${url} with ${functions.length} functions.\n`,
  );
}

function stopOnSignal(host: RunningHost): void {
  let stopping = false;
  const stop = async () => {
    // A second signal means that somebody does not want to wait.
    if (stopping) process.exit(1);
    stopping = true;
    setTimeout(() => {
      process.stderr.write(`Still running after ${stopLimitMs} ms: stopped anyway.\n`);
      process.exit(1);
    }, stopLimitMs);
    await host.stop();
    process.exit(0);
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void stop());
}

function describe(fn: LocalFunction) {
  const { name, trigger } = fn;
  switch (trigger) {
    case 'http':
      return { name, trigger, route: `/${fn.route}`, methods: fn.methods, authLevel: fn.authLevel };
    case 'timer':
      return { name, trigger, schedule: fn.schedule.expression };
    case 'queue':
      return { name, trigger, queue: fn.queueName };
  }
}
