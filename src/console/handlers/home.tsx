import type { Authorize } from '../../api/authorize.ts';
import type { ConsentLinks } from '../../broker/consent-link.ts';
import type { Person } from '../../broker/sessions.ts';
import { isAppError } from '../../errors.ts';
import type { Ports } from '../../ports.ts';
import type { Overview, Warning } from '../overview.ts';
import { renderPage } from '../render-page.tsx';
import { HomePage, homeTitle } from '../views/home-page.tsx';
import { SignedOutPage, signedOutTitle } from '../views/signed-out-page.tsx';
import type { PageHandler } from './page-request.ts';

export interface Profile {
  readonly name: string;
  readonly mail: string;
}

export interface HomeDeps {
  readonly authorize: Authorize;
  /** Name and mail as Graph /me says them now. */
  readonly profile: (person: Person) => Promise<Profile>;
  readonly overview: (person: Person) => Promise<Overview>;
  readonly consentLinks: Pick<ConsentLinks, 'list'>;
  readonly publicUrl: string;
  /** Personal Microsoft accounts may be connected here. */
  readonly personalAccounts: boolean;
  readonly ports: Pick<Ports, 'clock' | 'log'>;
}

/** `GET /` */
export function createHome(deps: HomeDeps): PageHandler {
  const { authorize, overview, consentLinks, publicUrl, ports } = deps;

  return async (request, frame) => {
    const person = await authorize(request, 'person').catch((error: unknown) => {
      if (isAppError(error, 'unauthorized')) return undefined;
      throw error;
    });
    if (!person) {
      const body = <SignedOutPage frame={frame} host={new URL(publicUrl).host} />;
      return renderPage(200, { title: signedOutTitle, body });
    }

    const [known, shown, links] = await Promise.all([
      profileOrWarning(deps, person),
      overview(person),
      person.administrator ? consentLinks.list() : [],
    ]);
    const body = (
      <HomePage
        frame={{ ...frame, person, profile: known.profile }}
        person={person}
        overview={{ ...shown, warnings: [...known.warnings, ...shown.warnings] }}
        links={links}
        now={ports.clock()}
        publicUrl={publicUrl}
        personal={deps.personalAccounts}
      />
    );
    return renderPage(200, { title: homeTitle, body });
  };
}

/** The page is of use without Graph: what keeps /me from answering is said on it. */
async function profileOrWarning(
  { profile, ports }: HomeDeps,
  person: Person,
): Promise<{ profile?: Profile; warnings: readonly Warning[] }> {
  try {
    return { profile: await profile(person), warnings: [] };
  } catch (error) {
    if (!isAppError(error)) throw error;
    ports.log.warn('profile_unavailable', { code: error.code, detail: error.detail });
    const warning: Warning = {
      title: 'Microsoft Graph did not say who you are',
      detail: `Name and mail are those of your sign-in. ${error.message}`,
    };
    return { warnings: [warning] };
  }
}
