import { AppError } from '../errors.ts';

export interface GraphPath {
  /** Below /v1.0, as it was written. */
  readonly sent: string;
  /** The same with every part percent-decoded, and without the position in a feed: what rules are compared with. */
  readonly path: string;
  /** `?…`, or nothing. */
  readonly query: string;
  /** The query reads more than the path names. */
  readonly expands: boolean;
}

/**
 * Reads what comes after `/graph/v1.0`. Whatever could be understood in two ways is refused with `invalid_request`: a part
 * that is empty or of dots and spaces only, a separator or a control character in percent-encoding, a second encoding, another
 * address. So is what would carry calls that nobody judged: `$batch` and its kin, and a query sent as a body.
 */
export function readGraphPath(text: string): GraphPath {
  const cut = text.indexOf('?');
  const sent = cut < 0 ? text : text.slice(0, cut);
  const query = cut < 0 ? '' : text.slice(cut);
  if (!sent.startsWith('/') || sent.length > 2_000) throw refuse('must begin with / and be short');
  const path = sent
    .split(/([/:])/)
    .map(decodePart)
    .join('');
  if (/\/[.\s]*(\/|:|$)/.test(path)) throw refuse('has a part that is empty or of dots and spaces only');
  if (/^\/\$|\/\$query$/i.test(path)) throw refuse('holds calls that can’t be judged');
  // OData doesn't mind blanks around a name, nor whether the dollar is there.
  const expands = [...new URLSearchParams(query).keys()].some((name) => /^\s*\$?expand\s*$/i.test(name));
  return { sent, path: path.replace(feedPosition, '$1'), query, expands };
}

/** Graph writes the links of a feed as `delta(token='…')`, whatever the first call looked like. */
const feedPosition = /(\/(?:microsoft\.graph\.)?delta)\(token='[^'/:]*'\)$/;

function decodePart(part: string): string {
  let text: string;
  try {
    text = decodeURIComponent(part);
  } catch {
    throw refuse('has a broken percent-encoding');
  }
  const separates = part !== '/' && part !== ':' && /[/:\\?]/.test(text);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  if (separates || /[\u0000-\u001f\u007f]|%[0-9a-f]{2}/i.test(text)) {
    throw refuse('holds an encoded separator, a control character or a second encoding');
  }
  return text;
}

function refuse(why: string): AppError {
  return new AppError('invalid_request', `The path of the call ${why}.`);
}
