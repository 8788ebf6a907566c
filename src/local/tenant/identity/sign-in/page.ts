import type { Reply } from '../../http/route.ts';
import { Html, html } from './html.ts';

const style = `
:root { color-scheme: light dark; --accent: #0f5f8a; }
* { box-sizing: border-box; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 1.5rem; background: light-dark(#eef1f4, #14181d);
  font: 16px/1.5 system-ui, sans-serif; color: light-dark(#1b2733, #e6ebf0); }
main { width: 100%; max-width: 27rem; padding: 2rem; border-radius: 10px; background: light-dark(#fff, #1f262e); box-shadow: 0 2px 14px #0002; }
h1 { font-size: 1.4rem; margin: 0.6rem 0 0.4rem; }
p { margin: 0.5rem 0; }
.brand { font-weight: 600; color: light-dark(var(--accent), #7cc4ec); }
.muted { color: light-dark(#5a6875, #9fadba); font-size: 0.9rem; }
.error { color: light-dark(#a4262c, #ff9a9a); font-weight: 600; }
label { display: block; margin: 0.9rem 0 0.25rem; font-weight: 600; }
input[type=text], input[type=password] { width: 100%; padding: 0.55rem 0.7rem; font: inherit; border: 1px solid #8794a1; border-radius: 6px; background: transparent; color: inherit; }
.person { display: flex; gap: 0.7rem; align-items: center; margin: 0.3rem 0; padding: 0.45rem 0.6rem; border-radius: 6px; font-weight: 400; cursor: pointer; }
.person:hover { background: light-dark(#f1f5f8, #29323c); }
.person small { display: block; }
output { display: block; font-size: 2.6rem; font-weight: 700; letter-spacing: 0.08em; text-align: center; margin: 0.6rem; }
.row { display: flex; gap: 0.7rem; margin-top: 1.3rem; flex-wrap: wrap; }
button { flex: 1; padding: 0.6rem 1rem; font: inherit; font-weight: 600; border-radius: 6px; border: 1px solid #8794a1; background: transparent; color: inherit; cursor: pointer; }
button.main { background: var(--accent); border-color: var(--accent); color: #fff; }
ul { padding-left: 1.2rem; }
code { font-size: 0.9em; }
`;

/** A page of the identity platform; works without script. */
export function page(
  title: string,
  body: Html,
  more: { status?: number; headers?: Record<string, string | string[]> } = {},
): Reply {
  const document = html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>${title}</title><meta name="viewport" content="width=device-width, initial-scale=1">
<style>${styleText}</style></head>
<body><main><div class="brand">Local Microsoft 365</div><h1>${title}</h1>${body}</main></body></html>`;
  return {
    status: more.status ?? 200,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store, no-cache',
      pragma: 'no-cache',
      'x-frame-options': 'DENY',
      ...more.headers,
    },
    body: document.text,
  };
}

const styleText = new Html(style);

/** What a person sees when nothing can be sent to the app. */
export function errorPage(text: string, code: number, requestId: string): Reply {
  return page(
    'Sorry, but we’re having trouble signing you in',
    html`<p class="error">AADSTS${code}: ${text}</p><p class="muted">Request Id: ${requestId}</p>`,
    { status: 400 },
  );
}
