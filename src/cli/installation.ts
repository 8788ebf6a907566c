import { z } from 'zod';
import { CliFailure, exitOf } from './failure.ts';

/** One installation of Graph Valet, spoken to over HTTP. */
export interface Installation {
  readonly url: string;
  /** JSON of /api as the bearer of `token`; an answer that is not a success is thrown as `CliFailure`. */
  api<T>(
    token: string,
    method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
    path: string,
    shape: z.ZodType<T>,
    body?: unknown,
  ): Promise<T>;
  /** One form post to an OAuth endpoint. */
  form<T>(
    path: string,
    form: Readonly<Record<string, string>>,
    shape: z.ZodType<T>,
    headers?: Readonly<Record<string, string>>,
  ): Promise<T>;
}

const timeoutMs = 30_000;

const apiError = z.object({
  error: z.object({ code: z.string(), message: z.string(), requestId: z.string().optional() }),
});
const oauthError = z.object({
  error: z.string(),
  error_description: z.string().optional(),
  code: z.string().optional(),
  request_id: z.string().optional(),
  retry_after: z.number().optional(),
  reauth_url: z.string().optional(),
});

export function createInstallation(address: string, fetch: typeof globalThis.fetch): Installation {
  const url = requireAddress(address);

  async function ask<T>(path: string, init: RequestInit, shape: z.ZodType<T>): Promise<T> {
    const answer = await fetch(url + path, {
      ...init,
      // Nothing here moves; a redirect would carry the token to another place.
      redirect: 'error',
      signal: AbortSignal.timeout(timeoutMs),
    }).catch((cause: unknown) => {
      throw new CliFailure('unreachable', `${url} does not answer.`, {
        exit: 'tryLater',
        next: 'Check the address (--url or GRAPH_VALET_URL) and the network.',
        cause,
      });
    });
    const text = await answer.text();
    const body = readBody(text);
    if (!answer.ok) throw failureOf(url, answer.status, body);
    const read = shape.safeParse(body);
    if (read.success) return read.data;
    throw new CliFailure(
      'unexpected_answer',
      `${url}${path} answered something that this version doesn’t know.`,
      {
        exit: 'unexpected',
        next: 'Check that this address is a Graph Valet, and that both have the same version.',
      },
    );
  }

  return {
    url,
    api: (token, method, path, shape, body) =>
      ask(
        path,
        {
          method,
          headers: {
            authorization: `Bearer ${token}`,
            ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          },
          ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        },
        shape,
      ),
    form: (path, form, shape, headers = {}) =>
      ask(path, { method: 'POST', headers: { ...headers }, body: new URLSearchParams(form) }, shape),
  };
}

/** https, or http on this machine. */
export function requireAddress(text: string): string {
  const url = URL.parse(text);
  const own = url && /^(localhost|127\.0\.0\.1|\[::1\])$/.test(url.hostname);
  if (
    url &&
    !url.username &&
    !url.search &&
    !url.hash &&
    (url.protocol === 'https:' || (own && url.protocol === 'http:'))
  ) {
    return url.href.replace(/\/+$/, '');
  }
  throw new CliFailure('invalid_address', `"${text}" is not the address of an installation.`, {
    exit: 'usage',
    next: 'Give it as --url https://valet.contoso.com or in GRAPH_VALET_URL; http is for this machine only.',
  });
}

function readBody(text: string): unknown {
  try {
    return text === '' ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}

function failureOf(url: string, status: number, body: unknown): CliFailure {
  const api = apiError.safeParse(body).data?.error;
  if (api) {
    return new CliFailure(api.code, api.message, {
      exit: exitOf(api.code),
      next: nextStep(api.code, url),
      requestId: api.requestId,
    });
  }
  const oauth = oauthError.safeParse(body).data;
  if (oauth) {
    const code = oauth.code ?? oauth.error;
    return new CliFailure(code, oauth.error_description ?? oauth.error, {
      exit: exitOf(code),
      next: oauth.reauth_url
        ? `The person signs in again at ${oauth.reauth_url}`
        : nextStep(code, url, oauth.retry_after),
      requestId: oauth.request_id,
    });
  }
  return new CliFailure('unexpected_answer', `${url} answered ${status}.`, {
    exit: status >= 500 ? 'tryLater' : 'unexpected',
    next: 'Check that this address is a Graph Valet.',
  });
}

function nextStep(code: string, url: string, retryAfter?: number): string | undefined {
  switch (code) {
    case 'unauthorized':
      return `graph-valet login --url ${url}`;
    case 'not_found':
      return 'graph-valet connections list shows what there is.';
    case 'policy_denied':
    case 'invalid_scope':
      return 'An administrator sees why with graph-valet explain; policies are written with PUT /api/policies/{name}.';
    case 'consent_required':
      return `An administrator of that tenant must consent; consent links are made at ${url}/#consent-links.`;
    case 'rate_limited':
    case 'throttled':
    case 'upstream_unavailable':
    case 'storage_unavailable':
      return `Try again in ${retryAfter ?? 30} seconds.`;
    default:
      return undefined;
  }
}
