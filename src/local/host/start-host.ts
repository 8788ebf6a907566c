import { once } from 'node:events';
import type { Server } from 'node:http';
import { createAdmin } from './admin.ts';
import { type AppRegistry, createCoreModule, createRegistry, installCoreModule } from './core-module.ts';
import { createFunctionKeys } from './function-keys.ts';
import { readHostJson } from './host-json.ts';
import { createHttpServer } from './http-server.ts';
import { createInvoker } from './invoke.ts';
import { startListeners } from './listeners.ts';
import { findApp, findHostJson, hostIdOf, loadApp } from './load-app.ts';
import type { HostLog } from './log.ts';
import { queueInput } from './queue-message.ts';
import { createQueueOutputs } from './queue-outputs.ts';
import { type LocalFunction, readRegistrations } from './registrations.ts';
import { createRunFunction } from './run-function.ts';
import { createStorageClients } from './storage-clients.ts';
import { timerInput } from './timer.ts';

export interface HostOptions {
  /** File, glob or folder of the app. */
  readonly app: string;
  /** 0 takes any free port. */
  readonly port: number;
  readonly hostJson: string | undefined;
  readonly functionKey: string;
  readonly masterKey: string;
  readonly queueLockSeconds: number;
  readonly env: NodeJS.ProcessEnv;
  readonly log: HostLog;
  readonly now: () => Date;
}

export interface RunningHost {
  readonly url: string;
  readonly port: number;
  readonly functions: readonly LocalFunction[];
  /** Takes nothing new, lets what is running end, and runs the appTerminate hooks. */
  stop(): Promise<void>;
}

/**
 * Loads the app and serves its functions. Resolves when HTTP answers and the queues are there. Once per process: the
 * programming model keeps hold of the core module. Rejects when the app cannot be loaded or the port is taken.
 */
export async function startHost(options: HostOptions): Promise<RunningHost> {
  const { env, log, now } = options;
  const app = findApp(options.app);
  const hostJson = await readHostJson(options.hostJson ?? findHostJson(app), env);
  const registry = createRegistry();
  installCoreModule(createCoreModule(registry, log));
  await loadApp(app);
  const model = await sealApp(registry);
  const functions = readRegistrations(registry, hostJson.http.routePrefix, env);

  const appHookData: Record<string, unknown> = {};
  const storage = createStorageClients(env);
  const invoker = createInvoker({ registry, model, appHookData, log });
  const run = createRunFunction({
    invoker,
    writeQueueOutputs: createQueueOutputs({ storage, encoding: hostJson.queues.messageEncoding }),
    log,
    timeoutMs: hostJson.functionTimeoutMs,
  });
  for (const hook of registry.hooks.appStart) await hook({ hookData: appHookData });

  const keys = createFunctionKeys(options.functionKey, options.masterKey);
  const fire = (fn: LocalFunction, input: string) => {
    // The outcome is in the log, where `run` writes it.
    run(fn, inputByHand(fn, input)).catch(() => undefined);
  };
  const server = createHttpServer({
    functions: functions.filter((fn) => fn.trigger === 'http'),
    keys,
    run,
    log,
    admin: createAdmin({ functions, keys, fire }),
  });
  const port = await listen(server, options.port);
  const listeners = await startListeners({
    functions,
    hostId: hostIdOf(app, env),
    queueOptions: hostJson.queues,
    queueLockSeconds: options.queueLockSeconds,
    storage,
    run,
    log,
    now,
  });

  return {
    url: `http://localhost:${port}`,
    port,
    functions,
    async stop() {
      await Promise.all([closeServer(server), listeners.stop()]);
      await invoker.idle();
      for (const hook of registry.hooks.appTerminate) await hook({ hookData: appHookData });
    },
  };
}

/** Ends the time of registration, and lets the model lock its setup. */
async function sealApp(registry: AppRegistry) {
  registry.sealed = true;
  const { model } = registry;
  if (!model) throw new Error('The app registered no function through @azure/functions.');
  const capabilities = await model.getCapabilities({});
  if (capabilities.HttpUri) {
    throw new Error(
      'enableHttpStream is not supplied locally: its own server would listen on every interface.',
    );
  }
  return model;
}

function inputByHand(fn: LocalFunction, input: string) {
  if (fn.trigger === 'timer') return timerInput(fn, false, null);
  if (fn.trigger === 'queue') return queueInput(fn, { string: input }, {});
  throw new Error(`"${fn.name}" is an HTTP function: call its route.`);
}

async function listen(server: Server, port: number): Promise<number> {
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server has no port.');
  return address.port;
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    // A kept-alive connection whose last answer is still being written is not idle yet, but will be.
    const closing = setInterval(() => server.closeIdleConnections(), 20);
    server.close(() => {
      clearInterval(closing);
      resolve();
    });
  });
}
