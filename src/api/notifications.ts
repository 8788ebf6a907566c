import { createHash } from 'node:crypto';
import type { HttpRequest, HttpResponseInit } from '@azure/functions';

// Nothing is imported here that isn't part of Node: this path answers while everything else still loads.

/** What goes to the queue `drains`; its shape is `drainMessage` in rules/watch. */
export type NotificationMessage =
  | {
      readonly kind: 'tap';
      readonly subscriptionId: string;
      readonly proof: string;
      /** Notifications that it stands for, where they are several. */
      readonly count?: number;
    }
  | {
      readonly kind: 'lifecycle';
      readonly subscriptionId: string;
      readonly proof: string;
      readonly event: string;
    };

export interface Received {
  readonly response: HttpResponseInit;
  /** To be in the queue before the answer goes out. */
  readonly messages: readonly NotificationMessage[];
}

const longestToken = 2_048;
const largestBody = 1024 * 1024;
const mostEntries = 2_000;

/** Sent with every answer: a browser that somebody lures here must not take the echo for a page. */
const headers = {
  'content-type': 'text/plain; charset=utf-8',
  'x-content-type-options': 'nosniff',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cache-control': 'no-store',
};

/**
 * Answers Microsoft at `POST /notifications` and `POST /notifications/lifecycle`: with the validation token when it asks whether
 * the address is ours, else with 202 and one message for each subscription that it names. Nothing is believed here: a message
 * carries the SHA-256 of the clientState, never the clientState itself, and who reads it compares. Answers 400 for what isn't of
 * the shape that Microsoft sends, and does no I/O.
 */
export async function receiveNotification(request: HttpRequest): Promise<Received> {
  const tokens = new URL(request.url).searchParams.getAll('validationToken');
  if (tokens.length > 0) return echo(tokens);

  if (Number(request.headers.get('content-length') ?? 0) > largestBody) return answer(413);
  const text = await request.text();
  if (text.length > largestBody) return answer(413);
  const entries = entriesOf(text);
  if (!entries) return answer(400);

  const messages = new Map<string, NotificationMessage>();
  for (const entry of entries) {
    const message = messageOf(entry);
    // A burst names the same subscription many times: once is enough.
    if (message) messages.set(JSON.stringify(message), message);
  }
  return { ...answer(202), messages: [...messages.values()] };
}

function echo(tokens: readonly string[]): Received {
  const [token = '', ...more] = tokens;
  if (more.length > 0 || token === '' || token.length > longestToken || hasControlCharacter(token)) {
    return answer(400);
  }
  return { response: { status: 200, headers, body: token }, messages: [] };
}

function answer(status: number): Received {
  return { response: { status, headers }, messages: [] };
}

function entriesOf(text: string): readonly unknown[] | undefined {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isObject(body) || !Array.isArray(body.value) || body.value.length > mostEntries) return undefined;
  return body.value;
}

/** Undefined for an entry that names no subscription or brings no secret: it could not be believed anyway. */
function messageOf(entry: unknown): NotificationMessage | undefined {
  if (!isObject(entry)) return undefined;
  const { subscriptionId, clientState, lifecycleEvent } = entry;
  if (!isText(subscriptionId, 200) || !isText(clientState, 255)) return undefined;
  const proof = createHash('sha256').update(clientState).digest('hex');
  if (lifecycleEvent === undefined) return { kind: 'tap', subscriptionId, proof };
  return isText(lifecycleEvent, 100)
    ? { kind: 'lifecycle', subscriptionId, proof, event: lifecycleEvent }
    : undefined;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isText(value: unknown, longest: number): value is string {
  return typeof value === 'string' && value !== '' && value.length <= longest;
}

function hasControlCharacter(text: string): boolean {
  return [...text].some((character) => (character.codePointAt(0) ?? 0) < 32);
}
