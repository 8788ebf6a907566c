import { spawn } from 'node:child_process';
import path from 'node:path';
import { waitFor } from './wait-for.ts';

const entry = path.resolve(import.meta.dirname, '../../src/cli/graph-valet.mjs');

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

/** The command line as a process of its own, with no more of the environment than `env`. */
export function startCli(args: readonly string[], env: Readonly<Record<string, string>> = {}): RunningCli {
  const child = spawn(process.execPath, [entry, ...args], {
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
  return {
    said: (pattern) => waitFor(() => pattern.exec(texts.stderr)),
    ended,
  };
}

export const runCli = (args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
  startCli(args, env).ended;
