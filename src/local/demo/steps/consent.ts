import { createBrowser } from '../../launcher/browser.ts';
import { passSignIn } from '../../launcher/sign-in.ts';
import { must, type World } from '../world.ts';

interface Link {
  readonly id: string;
  readonly url: string;
}

/** The administrator makes a link, an administrator of another company opens it and consents, and a token proves it. */
export async function consent(world: World): Promise<string> {
  const { admin, stack } = world;
  const other = stack.tenant.partner.users.find((user) => user.admin);
  must(other, 'the other company has no administrator');
  const alias = `partner-${Date.now()}`;
  const link = await admin.api<Link>('POST', '/api/consent-links', {
    alias,
    permissions: ['Files.ReadWrite.All'],
  });

  const browser = createBrowser();
  const page = await browser.open(link.url);
  const onward = page.links.find((each) => each.href.includes('/continue'));
  must(onward, 'the page of the link has nothing to continue with');
  const end = await passSignIn(browser, await browser.open(onward.href), other, stack.url);
  must(end.status === 200, `the consent ended with status ${end.status}`);

  await world.until('the connection to be proved', async () => {
    const { value } = await admin.api<{
      value: readonly { alias: string; health: string; tenantId: string }[];
    }>('GET', '/api/connections');
    const made = value.find((each) => each.alias === alias);
    return made?.health === 'active' && made.tenantId === stack.tenant.partner.tenantId ? true : undefined;
  });
  const again = await browser.open(link.url);
  must(!again.links.some((each) => each.href.includes('/continue')), 'the link can be used a second time');
  return `${other.upn} consented to Files.ReadWrite.All; an app-only token for that tenant proved it; the link is spent`;
}
