import type { HttpResponseInit } from '@azure/functions';
import type { ForwardedReply } from '../../graph/forward.ts';
import { headersForCaller } from './headers.ts';

export interface AnswerOptions {
  /** Origin of Graph, and of this app. */
  readonly graphUrl: string;
  readonly publicUrl: string;
  /** Leaves addresses that work without a token. */
  readonly addresses: boolean;
}

/** What Graph answered, as the caller gets it: links lead back to this app, and nothing opens without its policy. */
export function toAnswer(reply: ForwardedReply, options: AnswerOptions): HttpResponseInit {
  const headers: Record<string, string> = {
    ...headersForCaller(reply.headers),
    // Contents of a person's file must never run as a page of this app.
    'content-disposition': 'attachment',
  };
  const location = linkHere(reply.headers.get('location') ?? '', options);
  if (location !== undefined && reply.status < 300) headers.location = location;
  if (reply.bytes.length === 0) return { status: reply.status, headers };
  return { status: reply.status, headers, body: bodyOf(reply, options) };
}

/** A JSON answer of Graph is read and written again; anything else passes as it is. */
function bodyOf(
  { headers, bytes, contents }: ForwardedReply,
  options: AnswerOptions,
): string | Uint8Array<ArrayBuffer> {
  // A file that happens to be JSON is the person's own and no answer of Graph.
  if (contents || !/\bjson\b/i.test(headers.get('content-type') ?? '')) return bytes;
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    return bytes;
  }
  return JSON.stringify(rewrite(value, options));
}

/** Members of Graph's answers that hold an address which works without a token. */
const addressNames = /^(@microsoft\.graph\.|@content\.)?(downloadUrl|uploadUrl|getUrl|postParameters)$/i;
/** Also inside an address within the address, where it is encoded. */
const tokenInAddress = /^https:\/\/[^\s]*(?:[?&]|%3f|%26)(tempauth|access_token)(?:=|%3d)/i;

function rewrite(value: unknown, options: AnswerOptions): unknown {
  if (Array.isArray(value)) return value.map((each) => rewrite(each, options));
  if (typeof value !== 'object' || value === null) return value;
  const kept = Object.entries(value).flatMap(([name, member]): [string, unknown][] => {
    if (!options.addresses && isOpenAddress(name, member)) return [];
    if (typeof member === 'string' && /@odata\.\w+$/.test(name))
      return [[name, linkHere(member, options) ?? member]];
    return [[name, rewrite(member, options)]];
  });
  return Object.fromEntries(kept);
}

function isOpenAddress(name: string, value: unknown): boolean {
  return typeof value === 'string' && (addressNames.test(name) || tokenInAddress.test(value));
}

/** The same link at this app, or undefined for one that does not lead to Graph. */
function linkHere(link: string, { graphUrl, publicUrl }: AnswerOptions): string | undefined {
  for (const version of ['v1.0', 'beta']) {
    const start = `${graphUrl}/${version}/`;
    if (link.startsWith(start)) return `${publicUrl}/graph/${version}/${link.slice(start.length)}`;
  }
  return undefined;
}
