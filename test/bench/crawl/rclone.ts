import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import type { Stage } from './stage.ts';

export const rclone = ['/usr/bin/rclone', '/usr/local/bin/rclone'].find((file) => existsSync(file));

/** Milliseconds and items of `rclone lsjson -R` over the big drive, under Microsoft's own host names by way of the tenant's proxy. */
export async function listByRclone({ facts, token }: Stage): Promise<{ ms: number; items: number }> {
  const folder = await mkdtemp(path.join(tmpdir(), 'graph-valet-rclone-'));
  try {
    const config = path.join(folder, 'rclone.conf');
    const held = {
      access_token: token,
      token_type: 'Bearer',
      refresh_token: 'none',
      expiry: '2036-01-01T00:00:00Z',
    };
    await writeFile(
      config,
      `[drive]\ntype = onedrive\ndrive_id = ${facts.bigDriveId}\ndrive_type = business\ntoken = ${JSON.stringify(held)}\n`,
    );
    const env = {
      PATH: process.env.PATH,
      HOME: folder,
      HTTPS_PROXY: facts.proxyUrl ?? '',
      HTTP_PROXY: facts.proxyUrl ?? '',
      RCLONE_CONFIG: config,
      SSL_CERT_FILE: facts.caFile,
    };
    const from = performance.now();
    const { stdout } = await promisify(execFile)(rclone ?? 'rclone', ['lsjson', '-R', 'drive:'], {
      env,
      maxBuffer: 1024 * 1024 * 1024,
    });
    const ms = performance.now() - from;
    return { ms, items: (JSON.parse(stdout) as unknown[]).length };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
