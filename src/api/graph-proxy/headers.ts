/** What a caller may tell Graph. Everything else stays here: its credentials, cookies, and what proxies added. */
const sent = [
  'accept',
  'accept-language',
  'consistencylevel',
  'content-type',
  'if-match',
  'if-modified-since',
  'if-none-match',
  'prefer',
  'range',
];

/** What Graph may tell the caller. */
const given = [
  'accept-ranges',
  'content-language',
  'content-range',
  'content-type',
  'etag',
  'last-modified',
  'odata-version',
  'preference-applied',
  'ratelimit-limit',
  'ratelimit-remaining',
  'ratelimit-reset',
  'request-id',
  'retry-after',
];

/** A header that came twice was joined by a comma; Graph decides what that means. */
export function headersForGraph(headers: Pick<Headers, 'get'>): Record<string, string> {
  return pick(headers, sent);
}

export function headersForCaller(headers: Pick<Headers, 'get'>): Record<string, string> {
  return pick(headers, given);
}

function pick(headers: Pick<Headers, 'get'>, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = headers.get(name);
      return value === null ? [] : [[name, value]];
    }),
  );
}
