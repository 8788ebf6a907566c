import type { Command } from 'commander';
import type { CliEnvironment } from './environment.ts';
import { CliFailure } from './failure.ts';
import { createInstallation, type Installation } from './installation.ts';
import { createOutput, type Output } from './output.ts';
import { accessToken } from './tokens/signed-in.ts';
import { createTokensFile, type TokensFile } from './tokens/tokens-file.ts';

/** What every command works with. */
export interface Context {
  readonly environment: CliEnvironment;
  readonly installation: Installation;
  readonly file: TokensFile;
  readonly output: Output;
  /** The token of the person who is signed in here, for /api. Throws `not_signed_in`. */
  token(): Promise<string>;
}

/** A command of the program: one file of `commands/`, one line of its index. */
export type RegisterCommand = (program: Command, run: Run) => void;

/** The work of a command, with `--url` and `--json` already read. */
export type Run = (command: Command, work: (context: Context) => Promise<void>) => Promise<void>;

/** `--url`, then GRAPH_VALET_URL, then the installation that was signed in to last. */
export async function openContext(
  environment: CliEnvironment,
  options: { readonly url?: string; readonly json?: boolean },
): Promise<Context> {
  const file = createTokensFile(environment.configFolder);
  const address = options.url ?? environment.url ?? (await file.current());
  if (!address) {
    throw new CliFailure('no_address', 'It is not known which installation is meant.', {
      exit: 'usage',
      next: 'Give its address: --url https://valet.contoso.com, or GRAPH_VALET_URL.',
    });
  }
  const installation = createInstallation(address, (...call) => globalThis.fetch(...call));
  return {
    environment,
    installation,
    file,
    output: createOutput(options.json ?? false),
    token: () => accessToken(file, installation.url),
  };
}
