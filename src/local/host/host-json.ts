import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { parseTimeSpan } from './time-span.ts';

const timeSpan = z.string().transform((text, context) => {
  const milliseconds = parseTimeSpan(text);
  if (milliseconds !== undefined) return milliseconds;
  context.addIssue({ code: 'custom', message: `"${text}" is not a time span such as 00:00:05` });
  return z.NEVER;
});
/** The queue extension reads a bare number as milliseconds. */
const interval = z.union([z.coerce.number().int().nonnegative(), timeSpan]);

const queues = z
  .object({
    batchSize: z.coerce.number().int().min(1).max(32).default(16),
    newBatchThreshold: z.coerce.number().int().nonnegative().optional(),
    maxDequeueCount: z.coerce.number().int().min(1).default(5),
    maxPollingInterval: interval.default(60_000),
    visibilityTimeout: timeSpan.default(0),
    messageEncoding: z
      .string()
      .toLowerCase()
      .pipe(z.enum(['base64', 'none']))
      .default('base64'),
  })
  .transform((read) => ({
    ...read,
    newBatchThreshold: read.newBatchThreshold ?? Math.floor(read.batchSize / 2),
  }));

const schema = z
  .object({
    version: z.literal('2.0', { error: 'host.json must say "version": "2.0"' }),
    extensions: z
      .object({
        http: z.object({ routePrefix: z.string().default('api') }).prefault({}),
        queues: queues.prefault({}),
      })
      .prefault({}),
    functionTimeout: z
      .union([z.literal('-1').transform(() => Number.POSITIVE_INFINITY), timeSpan])
      .default(30 * 60_000),
  })
  .transform(({ extensions, functionTimeout }) => ({ ...extensions, functionTimeoutMs: functionTimeout }));

/** host.json with the real host's defaults filled in; all times in milliseconds. */
export type HostJson = z.output<typeof schema>;
export type QueueOptions = HostJson['queues'];

const overridePrefix = 'azurefunctionsjobhost__';

/**
 * Reads host.json; without a file the defaults hold. Environment settings such as
 * `AzureFunctionsJobHost__extensions__queues__batchSize` win, as they do in Azure. Throws with the name of
 * the setting that is wrong.
 */
export async function readHostJson(path: string | undefined, env: NodeJS.ProcessEnv): Promise<HostJson> {
  const text = path === undefined ? '{"version":"2.0"}' : await readFile(path, 'utf8');
  const content: unknown = JSON.parse(text);
  for (const [key, value] of Object.entries(env)) {
    if (value !== undefined && key.toLowerCase().startsWith(overridePrefix)) {
      override(content, key.slice(overridePrefix.length).split('__'), value);
    }
  }
  const read = schema.safeParse(content);
  if (!read.success) throw new Error(`${path ?? 'host.json'}: ${z.prettifyError(read.error)}`);
  return read.data;
}

/** Sets one value by its path; names are compared without regard to case, like .NET configuration does. */
function override(target: unknown, names: readonly string[], value: string): void {
  const [name, ...rest] = names;
  if (!isRecord(target) || name === undefined) return;
  const key = Object.keys(target).find((known) => known.toLowerCase() === name.toLowerCase()) ?? name;
  if (rest.length === 0) {
    target[key] = value;
    return;
  }
  if (!isRecord(target[key])) target[key] = {};
  override(target[key], rest, value);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
