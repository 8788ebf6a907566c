/** The headers of a batch's member, which are members of a JSON object. */
export function toHeaders(plain: unknown): Headers {
  const headers = new Headers();
  if (typeof plain !== 'object' || plain === null) return headers;
  for (const [name, value] of Object.entries(plain)) {
    if (typeof value === 'string' || typeof value === 'number') headers.set(name, String(value));
  }
  return headers;
}
