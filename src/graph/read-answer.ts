import { setImmediate as nextTurn } from 'node:timers/promises';
import type { z } from 'zod';
import { AppError } from '../errors.ts';

/** One answer, read to the end. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: unknown;
}

/** Bytes of an answer that are shown before the rest is there. */
const beginning = 8 * 1024;

/**
 * Reads the body: JSON is parsed, no body is undefined, anything else stays text. Throws `upstream_unavailable` for a success whose
 * JSON was cut off on the way. `glance` is shown a success in JSON before it is parsed, first how it begins.
 */
export async function readAnswer(response: Response, glance?: (text: string) => void): Promise<Answer> {
  const isJson = /\bjson\b/i.test(response.headers.get('content-type') ?? '');
  const shown = response.ok && isJson ? glance : undefined;
  const text = shown ? await readShowing(response, shown) : await response.text();
  const body: unknown = text === '' ? undefined : isJson ? parseJson(text) : text;
  if (response.ok && isJson && text !== '' && body === undefined) throw cutOff();
  return { status: response.status, headers: response.headers, body };
}

async function readShowing(response: Response, glance: (text: string) => void): Promise<string> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  let shown = false;
  for await (const chunk of response.body ?? []) {
    chunks.push(chunk);
    length += chunk.length;
    if (shown || length < beginning) continue;
    glance(Buffer.concat(chunks).toString('utf8', 0, beginning));
    shown = true;
  }
  const text = Buffer.concat(chunks, length).toString('utf8');
  glance(text);
  // What was asked for goes out before the parser takes the time.
  await nextTurn();
  return text;
}

/** Undefined for what is no JSON after all, such as a gateway's page: the status says what to do. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function cutOff(): AppError {
  return new AppError('upstream_unavailable', 'The answer of Microsoft Graph was cut off on its way.', {
    retryable: true,
    retryAfter: 5,
  });
}

/** The body as `schema` reads it. Throws `graph_error` when Graph answered in another shape than its contract. */
export function parseBody<T>(schema: z.ZodType<T>, body: unknown, path: string): T {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  const where = parsed.error.issues.slice(0, 5).map((issue) => `${issue.path.join('.')}: ${issue.message}`);
  throw new AppError('graph_error', 'Microsoft Graph answered in a shape that this version does not know.', {
    detail: `${withoutQuery(path)}: ${where.join('; ')}`,
  });
}

/** The address without its query, which may hold a token. */
export function withoutQuery(path: string): string {
  return path.replace(/\(token=.*$/, '').replace(/\?.*$/, '');
}
