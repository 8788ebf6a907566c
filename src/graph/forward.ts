import { AppError } from '../errors.ts';
import { preauthenticatedAddress } from './address.ts';
import type { Payer } from './gate.ts';
import type { TokenSource } from './graph-client.ts';
import type { Answer } from './read-answer.ts';
import type { Send } from './transport.ts';

/** A call that somebody else made up, with nothing in it that was not looked at. */
export interface ForwardedCall {
  readonly method: string;
  readonly version: 'v1.0' | 'beta';
  /** Below the version, percent-encoded, with its query: `/me/drive?$select=id`. */
  readonly path: string;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array<ArrayBuffer> | undefined;
}

export interface ForwardedReply {
  readonly status: number;
  readonly headers: Headers;
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** These are the contents of a file, read from where Graph pointed to. */
  readonly contents: boolean;
}

/**
 * Sends the call to Graph and nowhere else, through the gate, and gives what Graph answered whatever its status. Where
 * Graph answers a GET with the address of the contents, these are read from there, without the token: the address itself is
 * a secret and stays here. Throws `throttled`, `upstream_unavailable`, `graph_error` for any other redirect, and
 * `body_too_large` for an answer beyond `largestAnswerBytes`.
 */
export type Forward = (token: TokenSource, payer: Payer, call: ForwardedCall) => Promise<ForwardedReply>;

/** An instance serves several calls at a time and keeps each answer in memory. */
export const largestAnswerBytes = 32 * 1024 * 1024;

interface Bytes extends Answer {
  /** Undefined: there were more than are read. */
  readonly bytes: Uint8Array<ArrayBuffer> | undefined;
}

export function createForward({ graphUrl, send }: { graphUrl: string; send: Send }): Forward {
  return async (token, payer, { method, version, path, headers, body }) => {
    const url = `${graphUrl}/${version}${path}`;
    if (new URL(url).origin !== new URL(graphUrl).origin || !path.startsWith('/')) {
      throw new AppError('invalid_request', 'This is no address of Microsoft Graph.');
    }
    const first = await send(payer, { method, url, headers, body, token }, readBytes);
    if (first.status < 300 || first.status === 304 || first.status >= 400) return complete(first, false);

    const location = first.headers.get('location');
    if (method !== 'GET' || location === null) {
      throw new AppError('graph_error', 'Microsoft Graph answered with a redirect, which is not followed.');
    }
    const { range } = headers;
    const contents = await send(
      payer,
      {
        method,
        url: preauthenticatedAddress(new URL(location, url).href),
        headers: range === undefined ? { accept: '*/*' } : { accept: '*/*', range },
        token: undefined,
      },
      readBytes,
    );
    if (contents.status < 300 || contents.status === 416) return complete(contents, true);
    throw new AppError(
      'upstream_unavailable',
      'Microsoft gave an address for the contents that does not work.',
      {
        detail: `the address of the contents answered ${contents.status}`,
        retryable: true,
        retryAfter: 10,
      },
    );
  };
}

function complete({ status, headers, bytes }: Bytes, contents: boolean): ForwardedReply {
  if (bytes) return { status, headers, bytes, contents };
  throw new AppError(
    'body_too_large',
    `The answer has more than ${largestAnswerBytes} bytes. Ask for a part of it with the header Range.`,
  );
}

async function readBytes(response: Response): Promise<Bytes> {
  const { status, headers } = response;
  const chunks: Uint8Array[] = [];
  let size = 0;
  // Leaving the loop early cancels the rest.
  for await (const chunk of response.body ?? []) {
    size += chunk.byteLength;
    if (size > largestAnswerBytes) return { status, headers, body: undefined, bytes: undefined };
    chunks.push(chunk);
  }
  return { status, headers, body: undefined, bytes: joined(chunks, size) };
}

function joined(chunks: readonly Uint8Array[], size: number): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.byteLength;
  }
  return all;
}
