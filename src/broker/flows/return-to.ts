/** Begins a flow and ends none, so that a sign-in may lead there. */
export const connectPath = '/auth/connect';

/** A path of this site that a browser may be sent to; `/` for anything that could lead elsewhere. */
export function safeReturnTo(text: string | null | undefined): string {
  if (
    !text ||
    text.length > 500 ||
    !/^\/[\w./~?=&%-]*$/.test(text) ||
    text.startsWith('//') ||
    /%(?![0-9a-f]{2})|%0|%5c|%2f/i.test(text)
  )
    return '/';
  // Whatever a browser makes of it must still be this site.
  const url = URL.parse(text, 'https://site.invalid');
  if (url?.origin !== 'https://site.invalid') return '/';
  const inFlow = /^\/(auth|consent)\//.test(url.pathname) && url.pathname !== connectPath;
  return inFlow ? '/' : url.pathname + url.search;
}
