import type { HttpCookie, SameSite } from './core-types.ts';

const sameSiteText: Readonly<Record<SameSite, string>> = {
  none: '',
  lax: '; samesite=lax',
  strict: '; samesite=strict',
  explicitNone: '; samesite=none',
};

/**
 * The Set-Cookie value that the real host writes: percent-encoded value, attributes in ASP.NET's order and
 * case, and `path=/` where the function gave no path.
 */
export function setCookieText(cookie: HttpCookie): string {
  const { expires, maxAge, domain, path, secure, httpOnly, sameSite } = cookie;
  let text = `${cookie.name}=${escapeData(cookie.value)}`;
  if (expires) text += `; expires=${new Date(expires.value.seconds * 1000).toUTCString()}`;
  if (maxAge) text += `; max-age=${Math.trunc(maxAge.value)}`;
  if (domain) text += `; domain=${domain.value}`;
  text += `; path=${path ? path.value : '/'}`;
  if (secure?.value) text += '; secure';
  text += sameSiteText[sameSite ?? 'none'];
  if (httpOnly?.value) text += '; httponly';
  return text;
}

/** `Uri.EscapeDataString` also escapes the marks that `encodeURIComponent` leaves alone. */
function escapeData(value: string): string {
  return encodeURIComponent(value).replaceAll(
    /[!'()*]/g,
    (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
