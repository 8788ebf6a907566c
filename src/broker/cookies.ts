/** A cookie to be set: always `__Host-`, Secure, HttpOnly, SameSite=Lax, Path=/. */
export interface CookieToSet {
  readonly name: string;
  readonly value: string;
  /** Seconds; 0 removes it. */
  readonly maxAge: number;
}

/** The cookies of a request's `Cookie` header by name. */
export type RequestCookies = ReadonlyMap<string, string>;

/** Parses a `Cookie` header. A name that comes twice is dropped: nobody can say which of the two is ours. */
export function readCookies(header: string | null | undefined): RequestCookies {
  const cookies = new Map<string, string>();
  const twice = new Set<string>();
  for (const part of (header ?? '').split(';')) {
    const equals = part.indexOf('=');
    if (equals < 0) continue;
    const name = part.slice(0, equals).trim();
    if (cookies.has(name)) twice.add(name);
    cookies.set(name, part.slice(equals + 1).trim());
  }
  for (const name of twice) cookies.delete(name);
  return cookies;
}
