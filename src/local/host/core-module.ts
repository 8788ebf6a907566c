import Module from 'node:module';
import {
  type CoreModule,
  type FunctionCallback,
  type FunctionMetadata,
  type HookCallback,
  type HookName,
  hookNames,
  type ProgrammingModel,
} from './core-types.ts';
import type { HostLog } from './log.ts';

export interface AppFunction {
  readonly metadata: FunctionMetadata;
  readonly callback: FunctionCallback;
}

/** What the app said about itself while it was loaded. */
export interface AppRegistry {
  readonly functions: Map<string, AppFunction>;
  readonly hooks: Readonly<Record<HookName, HookCallback[]>>;
  model: ProgrammingModel | undefined;
  /** Registering a function after this is an error, as it is in the real worker. */
  sealed: boolean;
}

/** A registry into which nothing has been registered. */
export function createRegistry(): AppRegistry {
  return {
    functions: new Map(),
    hooks: { preInvocation: [], postInvocation: [], appStart: [], appTerminate: [], log: [] },
    model: undefined,
    sealed: false,
  };
}

/** Errors the programming model recognises as the host's own and not the app's. */
function systemError(error: Error): Error {
  return Object.assign(error, { isAzureFunctionsSystemError: true });
}

/** The stand-in for `@azure/functions-core`, writing into `registry`. */
export function createCoreModule(registry: AppRegistry, log: HostLog): CoreModule {
  class Disposable {
    readonly #dispose: () => void;
    constructor(dispose: () => void) {
      this.#dispose = dispose;
    }
    dispose(): void {
      this.#dispose();
    }
  }

  return {
    version: '3.14.1',
    hostVersion: '4.1052.200',
    Disposable,
    setProgrammingModel(model) {
      registry.model = model;
    },
    getProgrammingModel: () => registry.model,
    registerFunction(metadata, callback) {
      if (registry.sealed) {
        throw systemError(
          new Error(`A function can only be registered during app startup: ${metadata.name}.`),
        );
      }
      if (registry.functions.has(metadata.name)) {
        throw systemError(new Error(`Two functions are called "${metadata.name}".`));
      }
      registry.functions.set(metadata.name, { metadata, callback });
      return new Disposable(() => registry.functions.delete(metadata.name));
    },
    registerHook(name, callback) {
      const known = hookNames.find((hookName) => hookName === name);
      if (!known) throw systemError(new RangeError(`Unrecognized hook "${name}".`));
      const callbacks = registry.hooks[known];
      callbacks.push(callback);
      return new Disposable(() => {
        const at = callbacks.indexOf(callback);
        if (at >= 0) callbacks.splice(at, 1);
      });
    },
    log(level, category, message) {
      // The worker's own chatter is of no interest to somebody who runs the app.
      log(category === 'system' && level === 'information' ? 'debug' : level, message);
    },
  };
}

/**
 * Makes `require('@azure/functions-core')` answer with `core`, for CommonJS, ESM and bundles alike, the way
 * the worker does it. Must run before the app is loaded; the library keeps the module, so one host per process.
 */
export function installCoreModule(core: CoreModule): void {
  const original = Module.prototype.require;
  Module.prototype.require = Object.assign(function (this: NodeJS.Module, id: string): unknown {
    return id === '@azure/functions-core' ? core : original.call(this, id);
  }, original);
}
