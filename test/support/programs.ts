import { createHash, randomBytes } from 'node:crypto';
import type { createBrowser, Page } from '../../src/local/launcher/browser.ts';
import type { BrokerStage } from './broker-stage.ts';

export const cliId = 'graph-valet-cli';

/** A person's browser that is signed in here. */
export type SignedInBrowser = ReturnType<typeof createBrowser>;

export interface OAuthAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Readonly<Record<string, string>>;
}

/** One form post to the authorization server. */
export async function postForm(
  stage: BrokerStage,
  path: string,
  form: Record<string, string>,
): Promise<OAuthAnswer> {
  const answer = await fetch(stage.site.url + path, { method: 'POST', body: new URLSearchParams(form) });
  const text = await answer.text();
  return { status: answer.status, headers: answer.headers, body: text === '' ? {} : JSON.parse(text) };
}

export const postToken = (stage: BrokerStage, form: Record<string, string>) =>
  postForm(stage, '/oauth2/token', { client_id: cliId, ...form });

export const redirectUri = 'http://127.0.0.1:51234/callback';

/** What a program puts into the address that it opens in the browser. */
export function codeRequest(more: Record<string, string | undefined> = {}) {
  const verifier = randomBytes(32).toString('base64url');
  const query = {
    client_id: cliId,
    response_type: 'code',
    redirect_uri: redirectUri,
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
    state: 'state-of-the-program',
    ...more,
  };
  const given = Object.entries(query).filter((pair): pair is [string, string] => pair[1] !== undefined);
  return { verifier, path: `/oauth2/authorize?${new URLSearchParams(given)}` };
}

export function linkNamed(page: Page, text: string): string {
  const found = page.links.find((link) => link.text === text);
  if (!found) throw new Error(`the page has no link "${text}": ${page.status} ${page.html}`);
  return found.href;
}

/** The address that leads back to the program, when the person follows `choice`. Nobody listens there. */
export async function wayToProgram(
  stage: BrokerStage,
  browser: SignedInBrowser,
  path: string,
  choice = 'Allow',
): Promise<URL> {
  const page = await browser.open(stage.site.url + path);
  const answer = await browser.fetch(linkNamed(page, choice));
  return new URL(answer.headers.get('location') ?? '', stage.site.url);
}

/** Signs a program in for the person of this browser. */
export async function signInProgram(stage: BrokerStage, browser: SignedInBrowser): Promise<OAuthAnswer> {
  const { verifier, path } = codeRequest();
  const back = await wayToProgram(stage, browser, path);
  return postToken(stage, {
    grant_type: 'authorization_code',
    code: back.searchParams.get('code') ?? '',
    redirect_uri: redirectUri,
    code_verifier: verifier,
  });
}

/** `GET` with a bearer. */
export function asProgram(
  stage: BrokerStage,
  token: string | undefined,
  path: string,
  init: RequestInit = {},
) {
  return fetch(stage.site.url + path, { ...init, headers: { authorization: `Bearer ${token}` } });
}
