import { HttpFault } from '../../http/route.ts';
import type { QueryOptions } from './query-options.ts';

type Entry = Record<string, unknown>;

/**
 * $filter, $search and $orderby of the directory. Advanced queries ($search, endsWith, ne, not, $filter with $orderby) need
 * the header ConsistencyLevel: eventual (`eventual`) and $count=true.
 */
export function directoryQuery(
  { filter, search, orderBy, count }: QueryOptions,
  eventual: boolean,
  all: readonly Entry[],
): readonly Entry[] {
  const advanced =
    search !== undefined ||
    (filter !== undefined && orderBy !== undefined) ||
    /\b(endswith|ne|not)\b/i.test(filter ?? '');
  if (advanced && !eventual) {
    throw unsupported(
      'Request with $search query parameter or an advanced filter only works with a ConsistencyLevel header and $count=true.',
    );
  }
  if (advanced && search === undefined && !count) throw unsupported('An advanced filter needs $count=true.');
  let found = all;
  if (filter !== undefined) found = found.filter(condition(filter.trim()));
  if (search !== undefined) found = found.filter(wordsOf(search));
  if (orderBy === undefined) return found;
  const sign = orderBy.descending ? -1 : 1;
  return [...found].sort(
    (a, b) => sign * textOf(a, orderBy.property).localeCompare(textOf(b, orderBy.property)),
  );
}

/** Comparisons of one property, joined by `and` or `or`, that clients of this size use. */
function condition(filter: string): (one: Entry) => boolean {
  const either = filter.split(/ or /i);
  if (either.length > 1) {
    const parts = either.map((part) => condition(part.trim()));
    return (one) => parts.some((fits) => fits(one));
  }
  const both = filter.split(/ and /i);
  if (both.length > 1) {
    const parts = both.map((part) => condition(part.trim()));
    return (one) => parts.every((fits) => fits(one));
  }
  const negated = /^not\s*\(?\s*((?:\w+\(.*\))|(?:.*?))\)?$/i.exec(filter);
  if (/^not\b/i.test(filter) && negated) {
    const fits = condition((negated[1] ?? '').trim());
    return (one) => !fits(one);
  }
  const equal = /^(\w+) (eq|ne) (?:'((?:[^']|'')*)'|(true|false|null))$/i.exec(filter);
  if (equal) {
    const [, name = '', operator = '', quoted, word] = equal;
    const wanted = word === 'null' ? '' : (word ?? unquote(quoted));
    const same = operator.toLowerCase() === 'eq';
    return (one) => (textOf(one, name) === wanted.toLowerCase()) === same;
  }
  const call = /^(startswith|endswith)\((\w+),\s*'((?:[^']|'')*)'\)$/i.exec(filter);
  if (!call) throw unsupported(`Unsupported or invalid query filter clause: ${filter}`);
  const [, kind = '', name = '', quoted] = call;
  const wanted = unquote(quoted).toLowerCase();
  return kind.toLowerCase() === 'startswith'
    ? (one) => textOf(one, name).startsWith(wanted)
    : (one) => textOf(one, name).endsWith(wanted);
}

/** `"displayName:word"`: words of the property begin so. */
function wordsOf(search: string): (one: Entry) => boolean {
  const read = /^"(\w+):(.*)"$/.exec(search.trim());
  if (!read) throw unsupported(`Syntax error in the $search clause: ${search}`);
  const [, name = '', word = ''] = read;
  const wanted = word.toLowerCase();
  return (one) =>
    textOf(one, name)
      .split(/[\s.@]+/)
      .some((part) => part.startsWith(wanted)) || textOf(one, name).startsWith(wanted);
}

const unquote = (text = ''): string => text.replaceAll("''", "'");
const textOf = (one: Entry, name: string): string => String(one[name] ?? '').toLowerCase();
const unsupported = (message: string): HttpFault => new HttpFault(400, 'Request_UnsupportedQuery', message);
