import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { faultRuleSchema } from './faults/fault-rule.ts';
import type { TenantOptions } from './options.ts';
import { defaultOptions } from './options.ts';

export const usage = `npm run tenant -- [options]

A local Microsoft 365 on loopback: sign-in, Microsoft Graph, Key Vault and a managed identity. See src/local/tenant/README.md.

  --port N               first of six consecutive ports (0: free ones, the default)
  --proxy PORT           an HTTP CONNECT proxy that leads Microsoft's host names here and refuses every other (0: a free port)
  --items N              a synthetic drive of N items
  --files-per-folder M   how many files each of its folders holds (20)
  --latency MS           added to each answer
  --ru-per-minute N      throttle Graph at N resource units a minute and app
  --faults FILE          fault rules, a JSON array
  --seed N               another directory and other files (1)
  --state DIR            keep everything there, and find it again
  --redirect-uri URI     another redirect URI of Graph Valet (may be repeated)
  --loopback-notifications   send change notifications to http://localhost too
  --json                 one line of JSON when ready
  --help                 this text`;

export interface CliOptions {
  readonly tenant: Partial<TenantOptions>;
  readonly json: boolean;
  readonly help: boolean;
}

/** Reads the command line; throws with a sentence for the user on a flag or value that does not fit. */
export function readCliOptions(args: readonly string[]): CliOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      port: { type: 'string' },
      proxy: { type: 'string' },
      items: { type: 'string' },
      'files-per-folder': { type: 'string' },
      latency: { type: 'string' },
      'ru-per-minute': { type: 'string' },
      faults: { type: 'string' },
      seed: { type: 'string' },
      state: { type: 'string' },
      'redirect-uri': { type: 'string', multiple: true },
      'loopback-notifications': { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  return {
    json: values.json,
    help: values.help,
    tenant: {
      port: number('--port', values.port, 0, 65_530) ?? defaultOptions.port,
      proxyPort: number('--proxy', values.proxy, 0, 65_535),
      items: number('--items', values.items, 0, 10_000_000) ?? defaultOptions.items,
      filesPerFolder:
        number('--files-per-folder', values['files-per-folder'], 1, 100_000) ?? defaultOptions.filesPerFolder,
      latencyMs: number('--latency', values.latency, 0, 60_000) ?? defaultOptions.latencyMs,
      ruPerMinute: number('--ru-per-minute', values['ru-per-minute'], 1, 10_000_000),
      seed: number('--seed', values.seed, 0, 2 ** 31) ?? defaultOptions.seed,
      stateDir: values.state,
      redirectUris: values['redirect-uri'] ?? [],
      loopbackNotifications: values['loopback-notifications'],
      faults: values.faults === undefined ? [] : readFaults(values.faults),
    },
  };
}

function number(flag: string, text: string | undefined, low: number, high: number): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (text !== '' && Number.isInteger(value) && value >= low && value <= high) return value;
  throw new Error(`${flag} must be a whole number from ${low} to ${high}, not "${text}".`);
}

function readFaults(file: string) {
  const read = z.array(faultRuleSchema).safeParse(JSON.parse(readFileSync(file, 'utf8')));
  if (read.success) return read.data;
  throw new Error(`${file} holds no list of fault rules: ${z.prettifyError(read.error)}`);
}
