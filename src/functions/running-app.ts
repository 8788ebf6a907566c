import type { HttpHandler } from '@azure/functions';
import type { Handler } from '../api/http.ts';
import type { RunningApp } from '../app.ts';
import { readConfig } from '../config.ts';

// Read while the functions register, so that a wrong setting stops the start and says which.
const config = readConfig();

let running: Promise<RunningApp> | undefined;

/**
 * The app of this process. It is made at the first invocation that needs it: registering does no I/O, and the webhook
 * never loads the Azure packages. A start that failed is tried again by the next invocation.
 */
export function runningApp(): Promise<RunningApp> {
  running ??= start();
  running.catch(() => {
    running = undefined;
  });
  return running;
}

async function start(): Promise<RunningApp> {
  const { createApp } = await import('../app.ts');
  return createApp(config);
}

/** An HTTP function that is served by one handler of the app. */
export function serve(select: (app: RunningApp) => Handler): HttpHandler {
  return async (request) => {
    const app = await runningApp();
    return select(app)(request);
  };
}
