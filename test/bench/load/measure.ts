import { spawn } from 'node:child_process';
import path from 'node:path';
import type { LoadPlan, LoadResult } from './generator.ts';

/** Load from a process of its own, so that it doesn't share a thread with what is measured. */
export async function measure(plan: LoadPlan): Promise<LoadResult> {
  const child = spawn(process.execPath, [path.join(import.meta.dirname, 'generator.ts')], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  child.stdin.end(JSON.stringify(plan));
  const chunks: Buffer[] = [];
  for await (const chunk of child.stdout) chunks.push(chunk);
  const result = JSON.parse(Buffer.concat(chunks).toString()) as LoadResult;
  const failed = Object.entries(result.failures);
  if (failed.length > 0) {
    const words = failed.map(([what, count]) => `${count} x ${what}`).join(', ');
    throw new Error(`${plan.url} failed under load: ${words} of ${result.requests}`);
  }
  return result;
}
