import { spawn } from 'node:child_process';
import { buildCli } from '../../src/local/launcher/build-cli.ts';
import { waitFor } from './wait-for.ts';

export interface CliEnd {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunningCli {
  /** Waits until standard error holds it. */
  said(pattern: RegExp): Promise<RegExpExecArray>;
  readonly ended: Promise<CliEnd>;
}

type Environment = Readonly<Record<string, string>>;

/** The command line as people get it, one file in `folder`; each start is a process with no more of the environment than is given. */
export async function buildTestCli(folder: string) {
  const { file } = await buildCli(folder);

  function start(args: readonly string[], env: Environment = {}): RunningCli {
    const child = spawn(process.execPath, [file, ...args], {
      env: { PATH: process.env.PATH ?? '', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const texts = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr'] as const) {
      child[name].setEncoding('utf8').on('data', (text: string) => {
        texts[name] += text;
      });
    }
    const ended = new Promise<CliEnd>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code) => resolve({ code, ...texts }));
    });
    return { said: (pattern) => waitFor(() => pattern.exec(texts.stderr), { timeout: 20_000 }), ended };
  }

  return { start, run: (args: readonly string[], env: Environment = {}) => start(args, env).ended };
}
