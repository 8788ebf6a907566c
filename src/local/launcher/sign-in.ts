import type { Browser, Page } from './browser.ts';

export interface Credentials {
  readonly upn: string;
  readonly password: string;
}

/**
 * Goes through the local tenant's sign-in pages as a person does (account, password, the number on the phone, consent)
 * until the browser is back at `home`. Starts from any page that leads there.
 */
export async function passSignIn(
  browser: Browser,
  start: Page,
  who: Credentials,
  home: string,
): Promise<Page> {
  let page = start;
  for (let step = 0; step < 8; step += 1) {
    if (page.url.origin === new URL(home).origin) return page;
    const form = page.forms[0];
    if (!form) throw new Error(`no form on ${page.url.origin}${page.url.pathname} (${page.status})`);
    page = await browser.submit(form, answers(page, who));
  }
  throw new Error(`the sign-in did not end: the last page was ${page.url.origin}${page.url.pathname}`);
}

function answers(page: Page, who: Credentials): Record<string, string> {
  const has = (name: string) => new RegExp(`name="${name}"`).test(page.html);
  if (has('password')) return { password: who.password, ...(has('account') ? { account: who.upn } : {}) };
  if (has('account')) return { account: who.upn };
  if (has('number')) return { number: shownNumber(page) };
  return has('accept') || has('decision') ? { decision: 'accept', accept: 'yes' } : {};
}

/** The number that the sign-in page shows, to be chosen on the simulated phone. */
function shownNumber(page: Page): string {
  const shown =
    /data-number="(\d+)"/.exec(page.html) ?? /<(?:strong|output|b)[^>]*>\s*(\d{2})\s*</.exec(page.html);
  if (!shown?.[1]) throw new Error('the sign-in page shows no number to approve');
  return shown[1];
}
