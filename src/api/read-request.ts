import type { HttpRequest } from '@azure/functions';
import type { z } from 'zod';
import { AppError } from '../errors.ts';

export interface BodyLimit {
  readonly limitBytes?: number;
}

const defaultLimitBytes = 64 * 1024;

/**
 * The parsed JSON body. Throws `unsupported_media_type`, `body_too_large` or `invalid_request`, the last with
 * `details.problems` = [{ path, message }] when the shape is wrong.
 */
export async function readJson<T>(
  request: HttpRequest,
  schema: z.ZodType<T>,
  { limitBytes = defaultLimitBytes }: BodyLimit = {},
): Promise<T> {
  requireMediaType(request, 'application/json');
  return parseJson(await readText(request, limitBytes), schema);
}

/** As `readJson`; a request without a body stands for one with an empty object. */
export async function readOptionalJson<T>(request: HttpRequest, schema: z.ZodType<T>): Promise<T> {
  const text = await readText(request, defaultLimitBytes);
  if (text === '') return schema.parse({});
  requireMediaType(request, 'application/json');
  return parseJson(text, schema);
}

/**
 * The form-encoded body. A parameter that is given twice is refused (RFC 6749 section 3.2) unless it is named in
 * `repeatable`. Throws `unsupported_media_type`, `body_too_large` or `invalid_request`.
 */
export async function readForm(
  request: HttpRequest,
  { limitBytes = defaultLimitBytes, repeatable = [] }: BodyLimit & { repeatable?: readonly string[] } = {},
): Promise<URLSearchParams> {
  requireMediaType(request, 'application/x-www-form-urlencoded');
  const form = new URLSearchParams(await readText(request, limitBytes));
  const seen = new Set<string>();
  for (const name of form.keys()) {
    if (seen.has(name) && !repeatable.includes(name)) {
      throw new AppError('invalid_request', 'A parameter of the form is given more than once.');
    }
    seen.add(name);
  }
  return form;
}

/** The query as an object checked by `schema`; a parameter given twice is refused. Throws `invalid_request`. */
export function readQuery<T>(request: HttpRequest, schema: z.ZodType<T>): T {
  const pairs = [...new URL(request.url).searchParams];
  const query = Object.fromEntries(pairs);
  if (Object.keys(query).length !== pairs.length) {
    throw new AppError('invalid_request', 'A parameter of the query is given more than once.');
  }
  return parseWith(schema, query, 'The query');
}

/** A part of the route, such as the id in /api/connections/{id}. Throws `not_found` when the host gave none. */
export function routeParameter(request: HttpRequest, name: string): string {
  const value = request.params[name];
  if (!value) throw new AppError('not_found', 'There is nothing at this address.');
  return value;
}

/** What `schema` makes of `value`, or `invalid_request` with one line for each problem; values are never repeated. */
export function parseWith<T>(schema: z.ZodType<T>, value: unknown, what: string): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues
    .slice(0, 20)
    .map((issue) => ({ path: issue.path.join('.'), message: issue.message }));
  const first = problems[0];
  const where = first?.path ? ` at ${first.path}` : '';
  throw new AppError(
    'invalid_request',
    `${what} is not as expected${where}: ${first?.message ?? 'invalid'}.`,
    {
      details: { problems },
    },
  );
}

function parseJson<T>(text: string, schema: z.ZodType<T>): T {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new AppError('invalid_request', 'The body is not valid JSON.');
  }
  return parseWith(schema, value, 'The body');
}

function requireMediaType(request: HttpRequest, wanted: string): void {
  const given = request.headers.get('content-type')?.split(';')[0]?.trim().toLowerCase();
  if (given !== wanted) {
    throw new AppError('unsupported_media_type', `Send the body with Content-Type: ${wanted}.`);
  }
}

/** The body as it came; the host has read all of it already. Throws `body_too_large`. */
export async function readBytes(request: HttpRequest, limitBytes: number): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(await request.arrayBuffer());
  if (bytes.byteLength <= limitBytes) return bytes;
  throw new AppError('body_too_large', `The body may have at most ${limitBytes} bytes.`);
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

async function readText(request: HttpRequest, limitBytes: number): Promise<string> {
  const bytes = await readBytes(request, limitBytes);
  try {
    return utf8.decode(bytes);
  } catch {
    throw new AppError('invalid_request', 'The body is not valid UTF-8.');
  }
}
