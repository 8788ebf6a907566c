import type { Authorize } from '../../api/authorize.ts';
import { readForm, routeParameter } from '../../api/http.ts';
import type { Audit } from '../../broker/audit.ts';
import { auditPerson } from '../../broker/audit-event.ts';
import type { ConsentLinks } from '../../broker/consent-link.ts';
import { AppError, isAppError } from '../../errors.ts';
import { renderPage, seeOther } from '../render-page.tsx';
import { ConsentLinkCreatedPage, createdTitle } from '../views/consent-link-created-page.tsx';
import type { ConsentLinkFormProblems } from '../views/consent-link-form.tsx';
import { ConsentLinkFormPage, formTitle } from '../views/consent-link-form-page.tsx';
import { checkForm, formValues } from './consent-link-input.ts';
import type { PageHandler } from './page-request.ts';
import { forgetShownOnce, readShownOnce, shownOnceCookie } from './shown-once.ts';

export interface ConsentLinkFormDeps {
  readonly authorize: Authorize;
  readonly audit: Pick<Audit, 'record'>;
  readonly consentLinks: Pick<ConsentLinks, 'create' | 'list'>;
  readonly publicUrl: string;
}

/** `POST /consent-links`: makes a link and goes on to the page that shows it; a form that is not right comes back filled in. */
export function createConsentLinkForm(deps: ConsentLinkFormDeps): PageHandler {
  const { authorize, consentLinks } = deps;

  return async (request, frame) => {
    const form = await readForm(request, { limitBytes: 16 * 1024 });
    const person = await authorize(request, 'administrator', { csrf: form.get('csrf') ?? '' });
    const values = formValues(form);
    const again = (status: number, problems: ConsentLinkFormProblems, message?: string) =>
      renderPage(status, {
        title: formTitle,
        body: (
          <ConsentLinkFormPage
            frame={{ ...frame, person }}
            csrf={person.csrf}
            values={values}
            problems={problems}
            message={message}
          />
        ),
      });

    const checked = checkForm(values);
    if ('problems' in checked) return again(422, checked.problems);
    try {
      await deps.audit.record({
        outcome: 'granted',
        reason: 'ok',
        action: 'consent_link.create',
        requestId: frame.requestId ?? '',
        actor: auditPerson(person),
        target: checked.input.alias,
      });
      const { id, url } = await consentLinks.create({ ...checked.input, createdBy: person.objectId });
      return seeOther(`/consent-links/${encodeURIComponent(id)}`, [shownOnceCookie(id, url)]);
    } catch (error) {
      if (isAppError(error, 'conflict')) return again(409, { alias: error.message });
      if (isAppError(error, 'invalid_request')) return again(422, {}, error.message);
      throw error;
    }
  };
}

/** `GET /consent-links/{id}`: shows the address to the browser that made it, and only at its first visit. */
export function createConsentLinkShown(deps: ConsentLinkFormDeps): PageHandler {
  const { authorize, consentLinks, publicUrl } = deps;

  return async (request, frame) => {
    const person = await authorize(request, 'administrator');
    const id = routeParameter(request, 'id');
    const link = (await consentLinks.list()).find((each) => each.id === id);
    if (!link) throw new AppError('not_found', 'There is no consent link with this id.');

    const url = readShownOnce(request.headers.get('cookie'), id, publicUrl);
    return renderPage(200, {
      title: createdTitle,
      body: (
        <ConsentLinkCreatedPage
          frame={{ ...frame, person }}
          link={link}
          url={url}
          host={new URL(publicUrl).host}
          sender={person.name}
        />
      ),
      ...(url === undefined ? {} : { cookies: [forgetShownOnce(id)] }),
    });
  };
}
