import { Command, CommanderError } from 'commander';
import { commands } from './commands/index.ts';
import { openContext, type Run } from './context.ts';
import { readEnvironment } from './environment.ts';
import { CliFailure, exitCodes } from './failure.ts';

const help = `
Exit codes: 0 done, 1 unexpected, 2 wrong usage, 3 not found, 4 sign-in needed, 5 denied, 6 try later, 124 too late, 130 stopped.
Results go to standard output, everything else to standard error; with --json both are JSON.`;

/** The whole program. Sets the exit code; nothing is thrown. */
export async function main(args: readonly string[] = process.argv.slice(2)): Promise<void> {
  // A reader that has seen enough is no error of ours.
  process.stdout.on('error', () => process.exit());
  process.on('SIGINT', () => process.exit(exitCodes.interrupted));
  const environment = readEnvironment();
  const program = new Command('graph-valet')
    .description('Microsoft Graph tokens from Graph Valet, and what it keeps')
    .option('--url <address>', 'the installation; GRAPH_VALET_URL, or the last one that was signed in to')
    .option('--json', 'results and errors as JSON')
    .addHelpText('after', help)
    .showHelpAfterError('(--help says more)');
  const run: Run = async (command, work) => {
    await work(await openContext(environment, command.optsWithGlobals()));
  };
  for (const register of commands) register(program, run);
  quiet(program);
  try {
    await program.parseAsync([...args], { from: 'user' });
  } catch (error) {
    process.exitCode = tell(error, args.includes('--json'));
  }
}

/** Commander must not end the process by itself, in no command. */
function quiet(command: Command): void {
  command.exitOverride();
  for (const child of command.commands) quiet(child);
}

function tell(error: unknown, json: boolean): number {
  // Commander has said already what is wrong; help and version are no errors.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : exitCodes.usage;
  const failure = error instanceof CliFailure ? error : unexpected(error);
  const { code, message, next, requestId } = failure;
  const lines = [
    message,
    ...(next ? [`Next: ${next}`] : []),
    ...(requestId ? [`(${code}, request ${requestId})`] : []),
  ];
  const text = json ? JSON.stringify({ error: { code, message, next, requestId } }) : lines.join('\n');
  process.stderr.write(`${text}\n`);
  return exitCodes[failure.exit];
}

/** A text of a library may hold what was sent, so only its kind is told. */
function unexpected(error: unknown): CliFailure {
  const kind = error instanceof Error ? error.name : typeof error;
  return new CliFailure('unexpected', `Something went wrong in this program (${kind}).`, {
    exit: 'unexpected',
  });
}
