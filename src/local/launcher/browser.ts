/** A browser without a window: cookies, redirects and forms over real HTTP, for the demo, the seed and the tests. */
export interface Page {
  readonly status: number;
  readonly url: URL;
  readonly html: string;
  readonly headers: Headers;
  readonly forms: readonly Form[];
  readonly links: readonly { readonly href: string; readonly text: string }[];
}

export interface Form {
  readonly action: URL;
  readonly method: 'get' | 'post';
  /** Hidden fields and values already filled in. */
  readonly fields: Readonly<Record<string, string>>;
  readonly buttons: readonly { readonly name: string; readonly value: string; readonly text: string }[];
}

export interface Browser {
  open(url: string | URL): Promise<Page>;
  submit(form: Form, values?: Readonly<Record<string, string>>): Promise<Page>;
  /** A request with this browser's cookies that follows no redirect: for JSON calls of the console's session. */
  fetch(url: string | URL, init?: RequestInit): Promise<Response>;
  cookies(origin: string): Readonly<Record<string, string>>;
}

const mostRedirects = 12;

export function createBrowser(): Browser {
  const jars = new Map<string, Map<string, string>>();
  const jarOf = (url: URL) => {
    // Cookies do not tell ports apart, but two local servers with one name must not mix theirs here.
    const jar = jars.get(url.origin) ?? new Map<string, string>();
    jars.set(url.origin, jar);
    return jar;
  };

  async function request(target: string | URL, init: RequestInit = {}): Promise<Response> {
    const url = new URL(target);
    const headers = new Headers(init.headers);
    const jar = jarOf(url);
    if (jar.size > 0) headers.set('cookie', [...jar].map(([name, value]) => `${name}=${value}`).join('; '));
    const response = await fetch(url, { ...init, headers, redirect: 'manual' });
    for (const cookie of response.headers.getSetCookie()) remember(jar, cookie);
    return response;
  }

  async function follow(target: URL, init: RequestInit): Promise<Page> {
    let url = target;
    let next = init;
    for (let hops = 0; hops <= mostRedirects; hops += 1) {
      const response = await request(url, next);
      const location = response.headers.get('location');
      if (response.status < 300 || response.status >= 400 || !location) {
        return toPage(url, response, await response.text());
      }
      await response.body?.cancel();
      url = new URL(location, url);
      next = { method: 'GET' };
    }
    throw new Error(`more than ${mostRedirects} redirects, the last to ${url.origin}${url.pathname}`);
  }

  return {
    open: (url) => follow(new URL(url), { method: 'GET' }),
    submit(form, values = {}) {
      const body = new URLSearchParams({ ...form.fields, ...values });
      if (form.method === 'post') {
        return follow(form.action, { method: 'POST', body, headers: { origin: form.action.origin } });
      }
      const url = new URL(form.action);
      url.search = body.toString();
      return follow(url, { method: 'GET' });
    },
    fetch: request,
    cookies: (origin) => Object.fromEntries(jars.get(origin) ?? []),
  };
}

function remember(jar: Map<string, string>, cookie: string): void {
  const [pair = '', ...attributes] = cookie.split(';');
  const at = pair.indexOf('=');
  const name = pair.slice(0, at).trim();
  const gone = attributes.some((attribute) => /^\s*max-age=(0|-\d+)\s*$/i.test(attribute));
  if (gone || pair.slice(at + 1) === '') jar.delete(name);
  else jar.set(name, pair.slice(at + 1));
}

function toPage(url: URL, response: Response, html: string): Page {
  const forms = [...html.matchAll(/<form\b([^>]*)>([\s\S]*?)<\/form>/gi)].map((match) =>
    toForm(url, match[1] ?? '', match[2] ?? ''),
  );
  const links = [...html.matchAll(/<a\b([^>]*)>([\s\S]*?)<\/a>/gi)].map((match) => ({
    href: new URL(attribute(match[1] ?? '', 'href') ?? '', url).href,
    text: textOf(match[2] ?? ''),
  }));
  return { status: response.status, url, html, headers: response.headers, forms, links };
}

function toForm(url: URL, tag: string, inner: string): Form {
  const fields: Record<string, string> = {};
  for (const [, attributes = ''] of inner.matchAll(/<input\b([^>]*)>/gi)) {
    const name = attribute(attributes, 'name');
    const type = attribute(attributes, 'type') ?? 'text';
    const unchecked = /radio|checkbox/.test(type) && !/\bchecked\b/.test(attributes);
    if (name && type !== 'submit' && !unchecked) fields[name] = attribute(attributes, 'value') ?? '';
  }
  for (const [, attributes = '', text = ''] of inner.matchAll(
    /<textarea\b([^>]*)>([\s\S]*?)<\/textarea>/gi,
  )) {
    const name = attribute(attributes, 'name');
    if (name) fields[name] = decodeEntities(text);
  }
  const buttons = [...inner.matchAll(/<button\b([^>]*)>([\s\S]*?)<\/button>/gi)].map((match) => ({
    name: attribute(match[1] ?? '', 'name') ?? '',
    value: attribute(match[1] ?? '', 'value') ?? '',
    text: textOf(match[2] ?? ''),
  }));
  const method = attribute(tag, 'method')?.toLowerCase() === 'post' ? 'post' : 'get';
  return { action: new URL(attribute(tag, 'action') ?? '', url), method, fields, buttons };
}

function attribute(tag: string, name: string): string | undefined {
  const found = new RegExp(`(?:^|\\s)${name}\\s*=\\s*"([^"]*)"`, 'i').exec(tag);
  return found ? decodeEntities(found[1] ?? '') : undefined;
}

function textOf(html: string): string {
  return decodeEntities(html.replace(/<[^>]*>/g, ' '))
    .replace(/\s+/g, ' ')
    .trim();
}

function decodeEntities(text: string): string {
  const named: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: ' ' };
  return text.replace(/&(?:#(\d+)|#x([0-9a-f]+)|(\w+));/gi, (whole, decimal, hex, name) => {
    if (decimal) return String.fromCodePoint(Number(decimal));
    if (hex) return String.fromCodePoint(Number.parseInt(hex, 16));
    return named[name] ?? whole;
  });
}
