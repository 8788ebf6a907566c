import type { HttpRequest } from '@azure/functions';
import type { Authorize } from '../../api/authorize.ts';
import type { Audit } from '../../broker/audit.ts';
import { auditPerson } from '../../broker/audit-event.ts';
import type { Authorization } from '../../broker/authorization/authorization.ts';
import { safeReturnTo } from '../../broker/flows/return-to.ts';
import type { Person } from '../../broker/sessions.ts';
import { AppError, isAppError } from '../../errors.ts';
import { renderPage, seeOther } from '../render-page.tsx';
import { ProgramPage, programTitle } from '../views/program-page.tsx';
import { SignInFirstPage, signInFirstTitle } from '../views/sign-in-first-page.tsx';
import type { PageHandler } from './page-request.ts';

export interface ProgramsDeps {
  readonly authorization: Pick<Authorization, 'codes' | 'devices'>;
  readonly audit: Pick<Audit, 'record'>;
  readonly authorize: Authorize;
  readonly publicUrl: string;
}

/** A program on the person's own machine opens the browser here to be let in. */
export function createProgramApproval(deps: ProgramsDeps): Record<'page' | 'continue', PageHandler> {
  const { codes } = deps.authorization;

  return {
    /** `GET /oauth2/authorize`: notes the request, then shows it to the person. */
    async page(request, frame) {
      const id = request.query.get('request');
      if (id === null) {
        const begun = await codes.begin(new URL(request.url).searchParams);
        return seeOther('location' in begun ? begun.location : `/oauth2/authorize?request=${begun.id}`);
      }
      const person = await personOf(deps.authorize, request);
      if (!person) {
        const returnTo = safeReturnTo(`/oauth2/authorize?request=${id}`);
        const body = <SignInFirstPage frame={frame} returnTo={returnTo} what="A program on your computer" />;
        return renderPage(200, { title: signInFirstTitle, body });
      }
      const asked = await codes.view(id, person);
      if (!asked) throw over();
      const link = (decision: string) =>
        `/oauth2/authorize/continue?${new URLSearchParams({ request: id, key: asked.key, decision })}`;
      const body = (
        <ProgramPage
          frame={{ ...frame, person }}
          program={asked.clientName}
          host={asked.host}
          person={person}
          allow={link('allow')}
          deny={link('deny')}
        />
      );
      return renderPage(200, { title: programTitle, body });
    },

    /** `GET /oauth2/authorize/continue`: leaves for the program. A link, because no form may lead off this site. */
    async continue(request, frame) {
      const person = await personOf(deps.authorize, request);
      if (!person) throw over();
      const { query } = request;
      const allow = query.get('decision') === 'allow';
      const answer = { key: query.get('key') ?? '', allow };
      const location = await codes.decide(query.get('request') ?? '', person, answer);
      if (!allow) await recordDenied(deps.audit, person, frame.requestId);
      return seeOther(location);
    },
  };
}

/** Undefined without a session; a program's own token never opens these pages. */
export async function personOf(authorize: Authorize, request: HttpRequest): Promise<Person | undefined> {
  try {
    return await authorize(request, 'person', { sessionOnly: true });
  } catch (error) {
    if (isAppError(error, 'unauthorized')) return undefined;
    throw error;
  }
}

export async function recordDenied(
  audit: Pick<Audit, 'record'>,
  person: Person,
  requestId: string | undefined,
): Promise<void> {
  await audit.record({
    action: 'cli.sign_in',
    outcome: 'refused',
    reason: 'access_denied',
    requestId: requestId ?? '',
    actor: auditPerson(person),
  });
}

function over(): AppError {
  return new AppError('flow_expired', 'This sign-in of a program is over. Start it again in the program.');
}
