import { z } from 'zod';
import type { AppFunction, AppRegistry } from './core-module.ts';
import type { BindingInfo } from './core-types.ts';
import type { AuthLevel } from './function-keys.ts';
import { parseRouteTemplate, type Segment } from './route-template.ts';
import { parseSchedule, type Schedule } from './schedule.ts';
import { expandSettings, isDisabled } from './settings.ts';

export interface QueueOutput {
  readonly binding: string;
  readonly queueName: string;
  readonly connection: string;
}

interface CommonFunction {
  readonly name: string;
  readonly app: AppFunction;
  /** Name of the trigger's binding. */
  readonly binding: string;
  readonly queueOutputs: readonly QueueOutput[];
}

export interface HttpFunction extends CommonFunction {
  readonly trigger: 'http';
  readonly route: string;
  readonly segments: readonly Segment[];
  readonly methods: readonly string[];
  readonly authLevel: AuthLevel;
  /** Name of the http output; undefined when the function has none and always answers 204. */
  readonly output: string | undefined;
}

export interface TimerFunction extends CommonFunction {
  readonly trigger: 'timer';
  readonly schedule: Schedule;
  readonly runOnStartup: boolean;
  readonly useMonitor: boolean;
}

export interface QueueFunction extends CommonFunction {
  readonly trigger: 'queue';
  readonly queueName: string;
  readonly connection: string;
}

export type LocalFunction = HttpFunction | TimerFunction | QueueFunction;

const httpTrigger = z.object({
  authLevel: z.enum(['anonymous', 'function', 'admin']),
  methods: z.array(z.string().toUpperCase()).min(1),
  route: z.string().optional(),
});
const timerTrigger = z.object({
  schedule: z.string(),
  runOnStartup: z.boolean().default(false),
  useMonitor: z.boolean().default(true),
});
const queueBinding = z.object({
  queueName: z.string(),
  connection: z.string().default('AzureWebJobsStorage'),
});

/**
 * The enabled functions of a loaded app in the order of their registration, with settings expanded. Throws, naming the
 * function, on a binding that this host does not supply or cannot read.
 */
export function readRegistrations(
  registry: AppRegistry,
  routePrefix: string,
  env: NodeJS.ProcessEnv,
): readonly LocalFunction[] {
  const enabled = [...registry.functions.values()].filter((app) => !isDisabled(app.metadata.name, env));
  return enabled.map((app) => {
    try {
      return readFunction(app, routePrefix, env);
    } catch (cause) {
      const reason = cause instanceof z.ZodError ? z.prettifyError(cause) : String(cause);
      throw new Error(`Function "${app.metadata.name}" cannot be started: ${reason}`, { cause });
    }
  });
}

function readFunction(app: AppFunction, routePrefix: string, env: NodeJS.ProcessEnv): LocalFunction {
  const { name, bindings } = app.metadata;
  const entries = Object.entries(bindings);
  const trigger = entries.find(([, info]) => /trigger$/i.test(info.type ?? ''));
  if (!trigger) throw new Error('it has no trigger');
  const [binding, info] = trigger;
  const queueOutputs: QueueOutput[] = [];
  let output: string | undefined;
  for (const [key, other] of entries) {
    if (key === binding) continue;
    if (other.direction !== 'out') throw new Error(`input binding "${other.type}" is not supplied locally`);
    if (other.type === 'queue') queueOutputs.push({ binding: key, ...readQueue(other, env) });
    else if (other.type === 'http') output = key;
    else throw new Error(`output binding "${other.type}" is not supplied locally`);
  }
  const common = { name, app, binding, queueOutputs };

  switch (info.type?.toLowerCase()) {
    case 'httptrigger': {
      const read = httpTrigger.parse(info);
      // An empty route means the function's name in the real host too; only '/' is the root.
      const route = fullRoute(expandSettings(read.route || name, env), routePrefix);
      const segments = parseRouteTemplate(route);
      return { ...common, trigger: 'http', ...read, route, segments, output };
    }
    case 'timertrigger': {
      const { schedule, runOnStartup, useMonitor } = timerTrigger.parse(info);
      const parsed = parseSchedule(expandSettings(schedule, env));
      return { ...common, trigger: 'timer', schedule: parsed, runOnStartup, useMonitor };
    }
    case 'queuetrigger':
      return { ...common, trigger: 'queue', ...readQueue(info, env) };
    default:
      throw new Error(`trigger "${info.type}" is not supplied locally`);
  }
}

function fullRoute(route: string, prefix: string): string {
  const own = route.replace(/^\/+/, '');
  const full = prefix === '' ? own : `${prefix}/${own}`;
  if (/^(admin|runtime)(\/|$)/i.test(full)) {
    throw new Error(`route "${full}" conflicts with the built in routes /admin and /runtime`);
  }
  return full;
}

function readQueue(info: BindingInfo, env: NodeJS.ProcessEnv) {
  const { queueName, connection } = queueBinding.parse(info);
  const expanded = expandSettings(queueName, env).toLowerCase();
  if (!/^(?=.{3,63}$)[a-z0-9]+(-[a-z0-9]+)*$/.test(expanded)) {
    throw new Error(`"${expanded}" is not a valid queue name`);
  }
  return { queueName: expanded, connection };
}
