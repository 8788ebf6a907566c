import type { Cookie, HttpResponseInit } from '@azure/functions';
import { assetPaths } from './assets/assets.ts';
import type { View } from './views/view.ts';

/** What every page allows: our one style sheet and pictures, forms to this site, and nothing else. There is no script. */
export const contentSecurityPolicy = [
  "default-src 'none'",
  "style-src 'self'",
  "img-src 'self' data:",
  "form-action 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
].join('; ');

/** On every answer to a browser, pages and redirects alike. */
export const pageHeaders: Readonly<Record<string, string>> = {
  'content-security-policy': contentSecurityPolicy,
  'cache-control': 'no-store',
  pragma: 'no-cache',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
  'x-robots-tag': 'noindex, nofollow',
};

/** A whole page. `title` is the page's h1; the name of the product follows it in the tab. */
export function renderPage(
  status: number,
  page: { readonly title: string; readonly body: View; readonly cookies?: readonly Cookie[] },
): HttpResponseInit {
  const document = (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <title>{`${page.title} · Graph Valet`}</title>
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="robots" content="noindex, nofollow" />
        <link rel="icon" href={assetPaths.logo} type="image/svg+xml" />
        <link rel="stylesheet" href={assetPaths.stylesheet} />
      </head>
      <body>{page.body}</body>
    </html>
  );
  return {
    status,
    headers: { ...pageHeaders, 'content-type': 'text/html; charset=utf-8' },
    body: `<!doctype html>${toText(document)}`,
    ...(page.cookies ? { cookies: [...page.cookies] } : {}),
  };
}

/** 303: the browser goes on with a GET. */
export function seeOther(location: string, cookies?: readonly Cookie[]): HttpResponseInit {
  return {
    status: 303,
    headers: { ...pageHeaders, location },
    ...(cookies ? { cookies: [...cookies] } : {}),
  };
}

function toText(view: View): string {
  const text = view.toString();
  // Only an async component makes a promise of it, and none of ours is one.
  if (typeof text !== 'string') throw new TypeError('a view waited for something');
  return text;
}
