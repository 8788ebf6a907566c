import path from 'node:path';
import { z } from 'zod';
import { type Child, spawnChild } from '../../src/local/launcher/child.ts';

export interface TestHostOptions {
  /** Name of an app under test/fixtures/host-app. */
  readonly app: string;
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

export interface TestHost {
  readonly url: string;
  readonly functions: readonly { readonly name: string; readonly [more: string]: unknown }[];
  /** All that the host has written to stderr so far. */
  readonly lines: readonly string[];
  readonly child: Child;
  json(path: string, init?: RequestInit): Promise<unknown>;
}

export const functionKey = 'function-key-for-tests';
export const masterKey = 'master-key-for-tests';

const readyLine = z.object({ url: z.string(), functions: z.array(z.looseObject({ name: z.string() })) });
const folder = path.join(import.meta.dirname, '../fixtures/host-app');

/** Starts the local host with a fixture app as its own process. */
export async function startTestHost(options: TestHostOptions): Promise<TestHost> {
  const lines: string[] = [];
  const child = spawnChild({
    entry: path.join(import.meta.dirname, '../../src/local/host/main.ts'),
    args: [
      ...['--app', path.join(folder, `${options.app}.ts`), '--port', '0', '--json'],
      ...['--host-json', path.join(folder, 'host.json')],
      ...(options.args ?? []),
    ],
    env: {
      FUNCTIONS_FUNCTION_KEY: functionKey,
      FUNCTIONS_MASTER_KEY: masterKey,
      AzureFunctionsWebHost__hostid: 'test',
      ...options.env,
    },
    name: `host of ${options.app}`,
    onLine: (line) => lines.push(line),
  });
  const { url, functions } = readyLine.parse(await child.firstJsonLine());
  return {
    url,
    functions,
    lines,
    child,
    json: async (target, init) => (await fetch(url + target, init)).json(),
  };
}

/** Fires a function through the host's admin route; the answer's status. */
export async function fire(host: TestHost, name: string, input = ''): Promise<number> {
  const answer = await fetch(`${host.url}/admin/functions/${name}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-functions-key': masterKey },
    body: JSON.stringify({ input }),
  });
  return answer.status;
}
