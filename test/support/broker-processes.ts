import path from 'node:path';
import { z } from 'zod';
import { type Child, spawnChild } from '../../src/local/launcher/child.ts';
import type { BrokerStage } from './broker-stage.ts';

export interface BrokerProcess {
  readonly url: string;
  readonly child: Child;
  /** What it has written. */
  readonly lines: readonly string[];
}

/** One more instance of the stage's installation, as a process of its own (see broker-process.ts). */
export async function startBrokerProcess(
  stage: Pick<BrokerStage, 'settings' | 'tenant'>,
  env: Readonly<Record<string, string>> = {},
): Promise<BrokerProcess> {
  const lines: string[] = [];
  const child = spawnChild({
    entry: path.join(import.meta.dirname, 'broker-process.ts'),
    env: { ...stage.settings, NODE_EXTRA_CA_CERTS: stage.tenant.caFile, ...env },
    name: 'An instance',
    onLine: (line) => lines.push(line),
  });
  const { url } = z.object({ url: z.string() }).parse(await child.firstJsonLine());
  return { url, child, lines };
}
