import type { IncomingMessage, ServerResponse } from 'node:http';
import { z } from 'zod';
import type { FunctionKeys } from './function-keys.ts';
import { writeEmpty } from './http-message.ts';
import { readBody } from './read-body.ts';
import type { LocalFunction } from './registrations.ts';

export interface AdminDeps {
  readonly functions: readonly LocalFunction[];
  readonly keys: FunctionKeys;
  /** Starts a timer or queue function with this input text and doesn't wait; the outcome goes to the log. */
  readonly fire: (fn: LocalFunction, input: string) => void;
}

const invocation = z.object({ input: z.string().default('') });

/**
 * `POST /admin/functions/{name}` with the master key and a JSON body `{ "input": "text" }`: 202 at once, and the
 * function runs behind it. 401 without the key, 404 for a name that is unknown, 400 for a body or function that does not fit.
 */
export function createAdmin({ functions, keys, fire }: AdminDeps) {
  return async (request: IncomingMessage, response: ServerResponse, path: string): Promise<void> => {
    if (!keys.allows('admin', request)) return writeEmpty(response, 401);
    const name = /^\/admin\/functions\/([^/]+)$/i.exec(path)?.[1];
    if (name === undefined || request.method !== 'POST') return writeEmpty(response, 404);
    const body = await readBody(request);
    if (body.kind === 'aborted') return;
    if (body.kind === 'tooLarge') return writeEmpty(response, 413, { connection: 'close' });
    const fn = functions.find((candidate) => candidate.name.toLowerCase() === name.toLowerCase());
    if (!fn) return writeEmpty(response, 404);
    const read = invocation.safeParse(parseJson(body.bytes));
    if (!read.success || fn.trigger === 'http') return writeEmpty(response, 400);
    fire(fn, read.data.input);
    writeEmpty(response, 202);
  };
}

/** Undefined, which the schema refuses, for a missing body or one that is not JSON. */
function parseJson(bytes: Uint8Array | undefined): unknown {
  try {
    return JSON.parse(Buffer.from(bytes ?? []).toString());
  } catch {
    return undefined;
  }
}
