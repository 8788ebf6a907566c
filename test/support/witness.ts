import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import { type Child, spawnChild } from '../../src/local/launcher/child.ts';
import { tenantInfo } from '../../src/local/launcher/tenant-info.ts';

const witnessTenant = tenantInfo.extend({ proxyUrl: z.url(), certificateFile: z.string() });
export type WitnessTenant = z.infer<typeof witnessTenant>;

export interface Witness {
  readonly tenant: WitnessTenant;
  /** The environment in which an unmodified client meets the tenant under Microsoft's own host names. */
  readonly env: Readonly<Record<string, string>>;
  /** Runs a script of test/contract/witness, which prints one JSON object of outcomes. */
  run(script: string): Promise<Record<string, unknown>>;
  control(method: string, at: string, body?: unknown): Promise<unknown>;
  stop(): Promise<void>;
}

/** A local tenant behind its CONNECT proxy, for clients that nobody here wrote. */
export async function startWitness(args: readonly string[] = []): Promise<Witness> {
  const child: Child = spawnChild({
    entry: path.join(import.meta.dirname, '../../src/local/tenant/main.ts'),
    args: ['--json', '--proxy', '0', '--redirect-uri', 'http://localhost:9/callback', ...args],
    name: 'The local tenant',
  });
  const tenant = witnessTenant.parse(await child.firstJsonLine());
  const env = {
    NODE_EXTRA_CA_CERTS: tenant.caFile,
    NODE_USE_ENV_PROXY: '1',
    HTTPS_PROXY: tenant.proxyUrl,
    NO_PROXY: 'localhost,127.0.0.1',
    TENANT: JSON.stringify(tenant),
  };
  return {
    tenant,
    env,
    stop: () => child.stop(),
    async run(script) {
      const file = path.join(import.meta.dirname, '../contract/witness', script);
      const { stdout } = await promisify(execFile)(process.execPath, [file], {
        env: { PATH: process.env.PATH ?? '', ...env },
        timeout: 60_000,
      });
      return JSON.parse(stdout.trim().split('\n').at(-1) ?? '{}');
    },
    async control(method, at, body) {
      const answer = await fetch(tenant.controlUrl + at, {
        method,
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const text = await answer.text();
      if (!answer.ok) throw new Error(`control answered ${answer.status}: ${text}`);
      return text === '' ? undefined : JSON.parse(text);
    },
  };
}
