import { readForm } from '../../api/http.ts';
import { renderPage, seeOther } from '../render-page.tsx';
import { DeviceCodePage, deviceTitle } from '../views/device-code-page.tsx';
import { DeviceConfirmPage } from '../views/device-confirm-page.tsx';
import { DeviceDonePage, deviceDoneTitle } from '../views/device-done-page.tsx';
import { SignInFirstPage, signInFirstTitle } from '../views/sign-in-first-page.tsx';
import type { PageHandler } from './page-request.ts';
import { type ProgramsDeps, personOf, recordDenied } from './programs.tsx';

const outcomes = { approved: 'approved', denied: 'denied' } as const;

/** A person lets in a program that has no browser, by the code that it shows. */
export function createDeviceApproval(deps: ProgramsDeps): Record<'page' | 'decide', PageHandler> {
  const { devices } = deps.authorization;

  return {
    /** `GET /device`: asks for the code, then whether it is theirs. Nothing is decided by opening it. */
    async page(request, frame) {
      const typed = request.query.get('user_code')?.slice(0, 40) ?? '';
      const person = await personOf(deps.authorize, request);
      if (!person) {
        const shown = /^[A-Za-z-]{8,9}$/.test(typed) ? `/device?user_code=${typed}` : '/device';
        const body = <SignInFirstPage frame={frame} returnTo={shown} what="A program without a browser" />;
        return renderPage(200, { title: signInFirstTitle, body });
      }
      const within = { ...frame, person };
      const done = request.query.get('done');
      if (done === outcomes.approved || done === outcomes.denied) {
        const body = <DeviceDonePage frame={within} approved={done === outcomes.approved} />;
        return renderPage(200, { title: deviceDoneTitle(done === outcomes.approved), body });
      }
      const found = typed === '' ? undefined : await devices.find(typed, person);
      const title = deviceTitle;
      if (!found) {
        const body = <DeviceCodePage frame={within} unknown={typed !== ''} />;
        return renderPage(typed === '' ? 200 : 404, { title, body });
      }
      const body = (
        <DeviceConfirmPage frame={within} person={person} program={found.clientName} code={found.userCode} />
      );
      return renderPage(200, { title, body });
    },

    /** `POST /device` */
    async decide(request, frame) {
      const form = await readForm(request);
      const person = await deps.authorize(request, 'person', { csrf: form.get('csrf'), sessionOnly: true });
      const approve = form.get('decision') === 'approve';
      const code = form.get('user_code') ?? '';
      if (!(await devices.decide(code, person, approve ? 'approve' : 'deny'))) {
        return seeOther(`/device?user_code=${encodeURIComponent(code.slice(0, 40))}`);
      }
      if (!approve) await recordDenied(deps.audit, person, frame.requestId);
      return seeOther(`/device?done=${approve ? outcomes.approved : outcomes.denied}`);
    },
  };
}
