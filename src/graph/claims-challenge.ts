/**
 * The claims that a 401 asks for, as the JSON text that the identity platform wants; undefined when the answer is no such challenge.
 * Members of the header may be quoted or not, and base64 holds `=`, `+` and `/`.
 */
export function claimsOf(headers: Headers): string | undefined {
  const challenge = headers.get('www-authenticate');
  if (challenge === null || !/\berror\s*=\s*"?insufficient_claims\b/i.test(challenge)) return undefined;
  const found = /\bclaims\s*=\s*(?:"([^"]+)"|([A-Za-z0-9+/=_-]+))/.exec(challenge);
  const encoded = found?.[1] ?? found?.[2];
  if (encoded === undefined) return undefined;
  const text = Buffer.from(encoded, 'base64').toString('utf8');
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === 'object' && parsed !== null ? text : undefined;
  } catch {
    return undefined;
  }
}
