import { type Browser, createBrowser, type Page } from './browser.ts';
import { type Credentials, passSignIn } from './sign-in.ts';

/** A person who signed in to the console by a browser; `api` is the console's session used by a script. */
export interface ConsoleClient {
  readonly browser: Browser;
  readonly home: Page;
  /** Throws with the error's code and message when the answer is not a success. */
  api<T>(method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, body?: unknown): Promise<T>;
}

export async function signInToConsole(url: string, who: Credentials): Promise<ConsoleClient> {
  const browser = createBrowser();
  const start = await browser.open(`${url}/auth/sign-in`);
  const home = await passSignIn(browser, start, who, url);
  if (home.status !== 200) throw new Error(`the sign-in of ${who.upn} ended with status ${home.status}`);
  let csrf: string | undefined;

  return {
    browser,
    home,
    async api<T>(method: string, path: string, body?: unknown): Promise<T> {
      if (method !== 'GET' && csrf === undefined) {
        const session = await answer<{ csrf: string }>(await browser.fetch(`${url}/api/session`));
        csrf = session.csrf;
      }
      return answer<T>(
        await browser.fetch(`${url}${path}`, {
          method,
          headers: {
            ...(csrf ? { 'x-csrf-token': csrf } : {}),
            ...(body ? { 'content-type': 'application/json' } : {}),
          },
          ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        }),
      );
    },
  };
}

async function answer<T>(response: Response): Promise<T> {
  const text = await response.text();
  const body = text === '' ? undefined : JSON.parse(text);
  if (response.ok) return body as T;
  const { code, message } =
    (body as { error?: { code?: string; message?: string } } | undefined)?.error ?? {};
  throw new Error(
    `${new URL(response.url).pathname} answered ${response.status} ${code ?? ''}: ${message ?? text.slice(0, 200)}`,
  );
}
