import { randomUUID } from 'node:crypto';
import type { InvocationResponse } from './core-types.ts';
import type { InvocationInput, Invoker } from './invoke.ts';
import type { HostLog } from './log.ts';
import type { WriteQueueOutputs } from './queue-outputs.ts';
import type { LocalFunction } from './registrations.ts';

export interface RunFunctionDeps {
  readonly invoker: Invoker;
  readonly writeQueueOutputs: WriteQueueOutputs;
  readonly log: HostLog;
  /** host.json's functionTimeout; not applied to HTTP, where the client's patience is the limit. */
  readonly timeoutMs: number;
}

/**
 * Runs a function once with its outputs and logs how it ended. Rejects with the function's error. A function
 * that outlasts the timeout counts as failed; its code cannot be stopped and runs on.
 */
export type RunFunction = (fn: LocalFunction, input: InvocationInput) => Promise<InvocationResponse>;

export function createRunFunction({
  invoker,
  writeQueueOutputs,
  log,
  timeoutMs,
}: RunFunctionDeps): RunFunction {
  async function runOnce(fn: LocalFunction, input: InvocationInput, id: string) {
    const response = await invoker.invoke(fn.app, input, id);
    if (fn.queueOutputs.length > 0) await writeQueueOutputs(fn, response);
    return response;
  }

  return async (fn, input) => {
    const id = randomUUID();
    const started = performance.now();
    // A line for each request would cost more than the request.
    const level = fn.trigger === 'http' ? 'debug' : 'information';
    const fields = () => ({
      function: fn.name,
      invocation: id,
      durationMs: Math.round(performance.now() - started),
    });
    try {
      const response =
        fn.trigger === 'http'
          ? await runOnce(fn, input, id)
          : await withTimeout(runOnce(fn, input, id), timeoutMs, fn.name);
      if (log.enabled(level)) log(level, 'succeeded', fields());
      return response;
    } catch (error) {
      log('error', 'failed', { ...fields(), error });
      throw error;
    }
  };
}

async function withTimeout<T>(work: Promise<T>, timeoutMs: number, name: string): Promise<T> {
  if (!Number.isFinite(timeoutMs)) return work;
  const limit = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    limit.reject(new Error(`The function "${name}" ran longer than functionTimeout (${timeoutMs} ms).`));
  }, timeoutMs);
  try {
    return await Promise.race([work, limit.promise]);
  } finally {
    clearTimeout(timer);
  }
}
