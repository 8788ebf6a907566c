import { readFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { startAzurite } from './azurite.ts';
import { buildApp } from './build.ts';
import { spawnChild } from './child.ts';
import { developmentAccount } from './development-account.ts';
import { findPorts } from './ports.ts';

const settingsFile = z.object({ Values: z.record(z.string(), z.string()) });
const nobody = '00000000-0000-0000-0000-000000000000';

/** The settings of local.settings.json when it names a real tenant; undefined when there is no such file or tenant. */
export function realSettings(file: string): Record<string, string> | undefined {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  const { Values: values } = settingsFile.parse(JSON.parse(text));
  return values.ENTRA_TENANT_ID && values.ENTRA_TENANT_ID !== nobody ? values : undefined;
}

export interface RealStart {
  readonly url: string;
  readonly failed: Promise<string>;
  stop(): Promise<void>;
}

/** The app alone, with the settings of the file; Azurite too when they name the development storage. */
export async function startWithRealTenant(options: {
  folder: string;
  port: number;
  settings: Record<string, string>;
  onLine: (source: string, line: string) => void;
}): Promise<RealStart> {
  const [port = 0] = await findPorts(1, [options.port]);
  const settings = { ...options.settings };
  const local = Object.entries(settings).filter(([, value]) => value === 'UseDevelopmentStorage=true');
  const azurite =
    local.length > 0
      ? await startAzurite({ location: path.join(options.folder, 'azurite'), accounts: [developmentAccount] })
      : undefined;
  if (azurite) for (const [name] of local) settings[name] = azurite.connectionString(developmentAccount.name);

  const { entry } = await buildApp(path.join(options.folder, 'app'));
  const host = spawnChild({
    entry: path.join(import.meta.dirname, '../host/main.ts'),
    args: ['--app', entry, '--port', String(port), '--json'],
    env: settings,
    name: 'host',
    onLine: (text) => options.onLine('host', text),
  });
  try {
    await host.firstJsonLine();
  } catch (error) {
    await azurite?.stop();
    throw error;
  }
  return {
    url: `http://localhost:${port}`,
    failed: host.exited.then(() => 'the app ended'),
    async stop() {
      await host.stop();
      await azurite?.stop();
    },
  };
}
