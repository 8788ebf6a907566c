import type { HttpResponseInit } from '@azure/functions';
import { z } from 'zod';
import { AppError, isAppError } from '../../errors.ts';
import type { Ports } from '../../ports.ts';
import { logFailure, statusOf, toPublicError } from '../http.ts';
import { parseWith } from '../read-request.ts';
import { graphErrorBody, graphErrorHeaders } from './error.ts';
import { headersForGraph } from './headers.ts';
import type { Admitted, Asker, ProxyCall, ServeCall } from './serve-call.ts';

const batch = z.object({
  requests: z
    .array(
      z.object({
        id: z.string().min(1).max(64),
        method: z.string().toUpperCase(),
        url: z.string().max(2_000),
        headers: z.record(z.string(), z.string()).default({}),
        body: z.unknown().optional(),
        dependsOn: z.array(z.string()).default([]),
      }),
    )
    .min(1)
    .max(20)
    .refine((parts) => new Set(parts.map(({ id }) => id.toLowerCase())).size === parts.length, {
      error: 'ids must differ',
    }),
});
type Part = z.output<typeof batch>['requests'][number];

interface PartAnswer {
  readonly id: string;
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body?: unknown;
}

interface Deps {
  readonly calls: ServeCall;
  readonly ports: Pick<Ports, 'clock' | 'log' | 'random'>;
}

const atOnce = 4;

/**
 * `POST /$batch`: each part is a call of its own, judged, recorded and priced by itself, so that nothing passes in company
 * that would not pass alone. A part that is refused answers 403, and what depends on a part that failed 424.
 */
export async function serveBatch(
  deps: Deps,
  asker: Asker,
  { method, version }: ProxyCall,
  bytes: Uint8Array,
): Promise<HttpResponseInit> {
  if (method !== 'POST') throw new AppError('invalid_request', 'A batch is sent by POST.');
  const { requests } = parseWith(batch, parseJson(bytes), 'The batch');
  const failure = (part: Part, thrown: unknown) => toFailure(deps, asker.requestId, part, thrown);

  const admitted = new Map<string, Admitted>();
  const answers = new Map<string, PartAnswer>();
  let proofAccepted = false;
  for (const part of requests) {
    try {
      const one = await deps.calls.admit(asker, toCall(part, version), proofAccepted);
      admitted.set(part.id, one);
      const { caller } = one.access.policy;
      proofAccepted ||= caller.kind === 'oidc' && caller.singleUse === true;
    } catch (error) {
      answers.set(part.id, failure(part, error));
    }
  }

  async function run(part: Part): Promise<void> {
    const one = admitted.get(part.id);
    if (!one) return;
    try {
      // A part waits for those before it only; what names a later one, or none, depends on nothing that was done.
      const ready = part.dependsOn.every((id) => (answers.get(id)?.status ?? 424) < 400);
      answers.set(part.id, ready ? await serve(part, one) : dependent(deps, asker.requestId, part));
    } catch (error) {
      answers.set(part.id, failure(part, error));
    }
  }

  async function serve(part: Part, one: Admitted): Promise<PartAnswer> {
    return toPartAnswer(part.id, await deps.calls.serve(one));
  }

  const inTurn = requests.some(({ dependsOn }) => dependsOn.length > 0);
  const step = inTurn ? 1 : atOnce;
  for (let at = 0; at < requests.length; at += step) {
    await Promise.all(requests.slice(at, at + step).map(run));
  }
  const responses = requests.flatMap(({ id }) => answers.get(id) ?? []);
  return {
    status: 200,
    headers: { 'content-type': 'application/json; charset=utf-8' },
    body: JSON.stringify({ responses }),
  };
}

function toCall({ method, url, headers, body }: Part, version: ProxyCall['version']): ProxyCall {
  if (!/^(GET|POST|PUT|PATCH|DELETE)$/.test(method)) {
    throw new AppError('invalid_request', 'The method of this part is not one of Graph.');
  }
  const given = new Headers();
  for (const [name, value] of Object.entries(headers)) {
    if (/^[\w-]+$/.test(name) && /^[\t\x20-\x7e]*$/.test(value)) given.append(name, value);
  }
  return {
    method,
    version,
    address: relativeAddress(url),
    headers: headersForGraph(given),
    ...(body === undefined || method === 'GET' ? {} : { body: encodeBody(body, given.get('content-type')) }),
  };
}

/** As an URL parser reads it, so that `..` is gone before it is judged. */
function relativeAddress(url: string): string {
  const relative = url.startsWith('/') ? url : `/${url}`;
  const parsed = URL.canParse(`https://graph.invalid/v1.0${relative}`)
    ? new URL(`https://graph.invalid/v1.0${relative}`)
    : undefined;
  const path = parsed?.pathname ?? '';
  if (!path.startsWith('/v1.0/') || /^\/v1\.0\/\$batch$/i.test(path) || /^[a-z]+:/i.test(url)) {
    throw new AppError('invalid_request', 'The url of this part is not relative to the version of Graph.');
  }
  return `${path.slice('/v1.0'.length)}${parsed?.search ?? ''}`;
}

/** JSON as it is; anything else is base64url, as Graph has it in batches. */
function encodeBody(body: unknown, type: string | null): Uint8Array<ArrayBuffer> {
  if (type === null) throw new AppError('invalid_request', 'A part with a body needs a Content-Type.');
  if (/\bjson\b/i.test(type)) return new TextEncoder().encode(JSON.stringify(body));
  if (typeof body !== 'string') {
    throw new AppError('invalid_request', 'A body that is not JSON is written as base64url.');
  }
  return new Uint8Array(Buffer.from(body, 'base64url'));
}

function toPartAnswer(id: string, { status = 200, headers, body }: HttpResponseInit): PartAnswer {
  const shown = { ...(headers as Record<string, string>) };
  delete shown['content-disposition'];
  if (body === undefined || body === null) return { id, status, headers: shown };
  const value =
    typeof body === 'string' ? JSON.parse(body) : Buffer.from(body as Uint8Array).toString('base64');
  return { id, status, headers: shown, body: value };
}

function toFailure({ ports }: Deps, requestId: string, { id }: Part, thrown: unknown): PartAnswer {
  const error = toPublicError(thrown);
  const status = statusOf(error.code);
  if (status >= 500 && !isAppError(thrown, 'upstream_unavailable'))
    logFailure(ports, error, thrown, requestId);
  return {
    id,
    status,
    headers: graphErrorHeaders(error, requestId),
    body: graphErrorBody(error, requestId, ports.clock()),
  };
}

function dependent({ ports }: Deps, requestId: string, { id }: Part): PartAnswer {
  const error = new AppError('conflict', 'A part that this one depends on failed.');
  return {
    id,
    status: 424,
    headers: graphErrorHeaders(error, requestId),
    body: graphErrorBody(error, requestId, ports.clock()),
  };
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw new AppError('invalid_request', 'The body is not valid JSON.');
  }
}
