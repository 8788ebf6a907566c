import { sessionCookieName } from '../../src/broker/sessions.ts';
import { createBrowser } from '../../src/local/launcher/browser.ts';
import { type Credentials, passSignIn } from '../../src/local/launcher/sign-in.ts';
import type { Loose } from './api-stage.ts';
import type { BrokerStage } from './broker-stage.ts';

export interface JsonAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly body: Loose;
}

export type Ask = (method: string, path: string, body?: unknown) => Promise<JsonAnswer>;

/** One JSON request over HTTP. */
export async function askJson(
  url: string,
  method: string,
  headers: Record<string, string>,
  body?: unknown,
): Promise<JsonAnswer> {
  const reply = await fetch(url, {
    method,
    redirect: 'manual',
    headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await reply.text();
  return { status: reply.status, headers: reply.headers, text, body: text === '' ? null : JSON.parse(text) };
}

/** A session of a person, as the console has it after a sign-in. */
export async function sessionOf(stage: BrokerStage, upn: string) {
  const person = stage.person(upn);
  const cookie = await stage.broker.sessions.begin({
    objectId: person.id,
    tenantId: stage.info.tenantId,
    homeAccountId: `${person.id}.${stage.info.tenantId}`,
    name: person.displayName,
    username: person.upn,
    connectionId: `con_${upn}`,
  });
  const session = await stage.broker.sessions.find(cookie.value);
  if (!session) throw new Error('the session is gone');
  const headers = { cookie: `${sessionCookieName}=${cookie.value}`, 'x-csrf-token': session.csrf };
  const ask: Ask = (method, path, body) => askJson(stage.site.url + path, method, headers, body);
  return { person, session, cookie, headers, ask };
}

/** A person types a code into Microsoft's page and signs in there. */
export async function enterDeviceCode(
  who: Credentials,
  started: { verificationUri: string; userCode: string },
): Promise<void> {
  const browser = createBrowser();
  const page = await browser.open(started.verificationUri);
  const form = page.forms[0];
  if (!form) throw new Error('the page for a device code has no form');
  let next = await browser.submit(form, { user_code: started.userCode });
  for (let step = 0; step < 8 && next.forms.length > 0; step += 1) {
    next = await passOne(next);
  }
  if (!/you have signed in/i.test(next.html)) throw new Error(`the device sign-in ended with ${next.html}`);

  async function passOne(at: typeof next) {
    let after = at;
    // It looks for a page at "home"; there is none here, so one step at a time.
    await passSignIn(
      {
        ...browser,
        async submit(form, values) {
          after = await browser.submit(form, values);
          return { ...after, url: new URL('http://home.invalid') };
        },
      },
      at,
      who,
      'http://home.invalid',
    );
    return after;
  }
}
