import type { z } from 'zod';
import { AppError } from '../errors.ts';

/** One answer, read to the end. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: unknown;
}

/**
 * Reads the body: JSON is parsed, no body is undefined, anything else stays text. Throws `upstream_unavailable` for a success whose
 * JSON was cut off on the way. A success in JSON is shown to `glance` before it is parsed.
 */
export async function readAnswer(response: Response, glance?: (text: string) => void): Promise<Answer> {
  const text = await response.text();
  const isJson = /\bjson\b/i.test(response.headers.get('content-type') ?? '');
  if (isJson && response.ok) glance?.(text);
  const body: unknown = text === '' ? undefined : isJson ? parseJson(text) : text;
  if (response.ok && isJson && text !== '' && body === undefined) throw cutOff();
  return { status: response.status, headers: response.headers, body };
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
