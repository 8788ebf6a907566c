import { mkdtemp } from 'node:fs/promises';
import path from 'node:path';
import { openWorld, type World } from '../../src/local/demo/world.ts';
import { buildApp } from '../../src/local/launcher/build.ts';
import { seed } from '../../src/local/launcher/seed.ts';
import { removeState, type Stack, type StackOptions, startStack } from '../../src/local/launcher/stack.ts';
import { freshStorage } from './storage.ts';

export interface FlowStack {
  readonly stack: Stack;
  /** The administrator's console, the first caller, one person. */
  readonly world: World;
  /** Everything that the app and the local tenant have written so far. */
  readonly lines: readonly string[];
  stop(): Promise<void>;
}

const local = path.join(import.meta.dirname, '../../.local');

/** The whole product as its own processes: host, tenant and a storage account that nobody else has, seeded by its API. */
export async function startFlowStack(
  options: Partial<Pick<StackOptions, 'settings' | 'tenantArguments' | 'hostArguments'>> = {},
): Promise<FlowStack> {
  const folder = await mkdtemp(path.join(local, 'flow-'));
  const lines: string[] = [];
  const { entry } = await buildApp(path.join(folder, 'app'));
  const stack = await startStack({
    ...options,
    folder,
    entry,
    port: 0,
    storageConnection: await freshStorage(),
    onLine: (source, text) => lines.push(`${source}: ${text}`),
  });
  const stop = async () => {
    await stack.stop();
    await removeState(folder);
  };
  try {
    const world = await openWorld(stack, await seed(stack, path.join(folder, 'seeded.json')));
    return { stack, world, lines, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
