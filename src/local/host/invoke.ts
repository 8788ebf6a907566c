import { randomUUID } from 'node:crypto';
import type { AppFunction, AppRegistry } from './core-module.ts';
import type {
  AppInvocationContext,
  CoreInvocationContext,
  InvocationRequest,
  InvocationResponse,
  ProgrammingModel,
} from './core-types.ts';
import type { HostLog } from './log.ts';

/** Everything of an invocation but its ids, which `invoke` gives it. */
export type InvocationInput = Omit<InvocationRequest, 'invocationId' | 'functionId'>;

export interface Invoker {
  /** Runs one function once. Rejects with what the handler (or a hook) threw. */
  invoke(fn: AppFunction, input: InvocationInput, invocationId?: string): Promise<InvocationResponse>;
  /** Resolves when no invocation is running. */
  idle(): Promise<void>;
}

export interface InvokerDeps {
  readonly registry: AppRegistry;
  readonly model: ProgrammingModel;
  /** Shared by all hooks of the app, from appStart to appTerminate. */
  readonly appHookData: Record<string, unknown>;
  readonly log: HostLog;
}

/** The order of steps is the worker's: arguments, pre hooks, handler, post hooks, response. */
export function createInvoker({ registry, model, appHookData, log }: InvokerDeps): Invoker {
  const { preInvocation, postInvocation, log: logHooks } = registry.hooks;
  let running = 0;
  let onIdle: Array<() => void> = [];

  function createContext(fn: AppFunction, request: InvocationRequest, hookData: Record<string, unknown>) {
    let appContext: AppInvocationContext | undefined;
    const core: CoreInvocationContext = {
      invocationId: request.invocationId,
      metadata: fn.metadata,
      request,
      log(level, category, text) {
        const entry = { level, message: text, category, invocationContext: appContext, hookData };
        for (const hook of logHooks) hook(entry);
        log(entry.level, entry.message, { function: fn.metadata.name, invocation: request.invocationId });
      },
    };
    const setAppContext = (context: AppInvocationContext) => {
      appContext = context;
    };
    return { core, setAppContext };
  }

  async function run(fn: AppFunction, request: InvocationRequest): Promise<InvocationResponse> {
    const hookData: Record<string, unknown> = {};
    const { core, setAppContext } = createContext(fn, request, hookData);
    const invocation = model.getInvocationModel(core);
    const { context, inputs } = await invocation.getArguments();
    setAppContext(context);

    const before = {
      hookData,
      appHookData,
      invocationContext: context,
      functionCallback: fn.callback,
      inputs,
    };
    if (preInvocation.length > 0) {
      core.state = 'preInvocationHooks';
      for (const hook of preInvocation) await hook(before);
    }

    const after: Record<string, unknown> & { result: unknown; error: unknown } = {
      hookData,
      appHookData,
      invocationContext: context,
      inputs: before.inputs,
      result: null,
      error: null,
    };
    core.state = 'invocation';
    try {
      after.result = await invocation.invokeFunction(context, before.inputs, before.functionCallback);
    } catch (error) {
      after.error = error ?? new Error('The function threw nothing.');
    }
    if (postInvocation.length > 0) {
      core.state = 'postInvocationHooks';
      for (const hook of postInvocation) await hook(after);
    }
    core.state = undefined;
    if (after.error !== null && after.error !== undefined) throw after.error;
    return invocation.getResponse(context, after.result);
  }

  return {
    async invoke(fn, input, invocationId = randomUUID()) {
      running += 1;
      try {
        return await run(fn, { ...input, invocationId, functionId: fn.metadata.name });
      } finally {
        running -= 1;
        if (running === 0) {
          for (const done of onIdle) done();
          onIdle = [];
        }
      }
    },
    idle: () =>
      running === 0 ? Promise.resolve() : new Promise((resolve) => onIdle.push(() => resolve(undefined))),
  };
}
