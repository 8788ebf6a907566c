import { type ChildProcess, spawn } from 'node:child_process';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { pathToFileURL } from 'node:url';

export interface ChildOptions {
  /** File that Node runs. */
  readonly entry: string;
  readonly args?: readonly string[];
  /** Added to this process's environment; undefined takes a variable away. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** How errors call it. */
  readonly name: string;
  /** Each line of stdout and stderr, except the line that `firstJsonLine` gives. */
  readonly onLine?: (line: string) => void;
}

export interface ChildExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface Child {
  readonly pid: number | undefined;
  /** The first line of stdout that is a JSON object. Rejects with the last lines of stderr if the child ends before. */
  firstJsonLine(): Promise<unknown>;
  /** Sends SIGTERM (or `signal`), after 15 s SIGKILL, and resolves when the child has ended. */
  stop(signal?: NodeJS.Signals): Promise<void>;
  /** Resolves when the child has ended, however it did. */
  readonly exited: Promise<ChildExit>;
}

/** What Node compiled of our files is kept beside everything else that a run leaves behind: the next start takes about a third less time. */
export const compileCache = path.resolve(import.meta.dirname, '../../../.local/compile-cache');

const keptLines = 200;
/** Longer than the 10 s which the local host gives to what is running. */
const killAfterMs = 15_000;

/** Starts a Node process that ends when this one does, even when this one is killed (IPC channel and child-guard.mjs). */
export function spawnChild({ entry, args = [], env, name, onLine }: ChildOptions): Child {
  const guard = pathToFileURL(path.join(import.meta.dirname, 'child-guard.mjs')).href;
  const child = spawn(process.execPath, ['--import', guard, entry, ...args], {
    env: { NODE_COMPILE_CACHE: compileCache, ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const ready = Promise.withResolvers<unknown>();
  // Who never asks for the line need not handle its error.
  ready.promise.catch(() => undefined);
  let isReady = false;
  const errors: string[] = [];

  readLines(child.stdout, (line) => {
    const value = isReady ? undefined : parseObject(line);
    if (value === undefined) {
      onLine?.(line);
      return;
    }
    isReady = true;
    ready.resolve(value);
  });
  readLines(child.stderr, (line) => {
    errors.push(line);
    if (errors.length > keptLines) errors.shift();
    onLine?.(line);
  });

  const exited = new Promise<ChildExit>((resolve) => {
    child.once('error', (cause) => {
      ready.reject(new Error(`${name} could not be started.`, { cause }));
      resolve({ code: null, signal: null });
    });
    // 'close' comes after the last line of stderr, 'exit' may come before it.
    child.once('close', (code, signal) => {
      const how = signal === null ? `code ${code}` : signal;
      const last = errors.length === 0 ? 'It wrote nothing to stderr.' : errors.join('\n');
      ready.reject(new Error(`${name} ended with ${how} before it was ready.\n${last}`));
      resolve({ code, signal });
    });
  });

  return {
    pid: child.pid,
    firstJsonLine: () => ready.promise,
    exited,
    async stop(signal = 'SIGTERM') {
      if (!hasEnded(child)) child.kill(signal);
      const kill = setTimeout(() => child.kill('SIGKILL'), killAfterMs);
      await exited;
      clearTimeout(kill);
    },
  };
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

function readLines(stream: Readable | null, onLine: (line: string) => void): void {
  if (!stream) throw new Error('A child without pipes.');
  createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY }).on('line', onLine);
}

function parseObject(line: string): unknown {
  if (!line.startsWith('{')) return undefined;
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
