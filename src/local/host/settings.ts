import { readFile } from 'node:fs/promises';
import { z } from 'zod';

const settingsFile = z.object({
  IsEncrypted: z.literal(false, { error: 'an encrypted local.settings.json cannot be read' }).default(false),
  Values: z.record(z.string(), z.coerce.string()).default({}),
});

/** Puts the `Values` of a local.settings.json into `env`, except where `env` already has a value. */
export async function applySettingsFile(path: string, env: NodeJS.ProcessEnv): Promise<void> {
  const read = settingsFile.safeParse(JSON.parse(await readFile(path, 'utf8')));
  if (!read.success) throw new Error(`${path}: ${z.prettifyError(read.error)}`);
  for (const [name, value] of Object.entries(read.data.Values)) env[name] ??= value;
}

/** Replaces each `%NAME%` by the setting of that name; throws when a setting is missing. */
export function expandSettings(text: string, env: NodeJS.ProcessEnv): string {
  return text.replaceAll(/%([^%]+)%/g, (_, name: string) => {
    const value = env[name];
    if (value === undefined) throw new Error(`"%${name}%" is used, and there is no setting of that name.`);
    return value;
  });
}

/** True where `AzureWebJobs.<name>.Disabled` says so (also in the `__` spelling that Linux needs). */
export function isDisabled(functionName: string, env: NodeJS.ProcessEnv): boolean {
  const value =
    env[`AzureWebJobs.${functionName}.Disabled`] ?? env[`AzureWebJobs__${functionName}__Disabled`] ?? '';
  return value === '1' || value.toLowerCase() === 'true';
}
