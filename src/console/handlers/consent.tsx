import { routeParameter } from '../../api/http.ts';
import type { ConsentLink, ConsentLinks } from '../../broker/consent-link.ts';
import { type ErrorCode, isAppError } from '../../errors.ts';
import { renderPage, seeOther } from '../render-page.tsx';
import { ConsentPage, consentTitle } from '../views/consent-page.tsx';
import { ConsentResultPage } from '../views/consent-result-page.tsx';
import type { Frame } from '../views/layout.tsx';
import { type ConsentText, linkText, outcomeText, staleAnswer, unknownLink } from '../words/consent-texts.ts';
import type { PageHandler } from './page-request.ts';

export interface ConsentDeps {
  readonly consentLinks: Pick<ConsentLinks, 'view' | 'begin' | 'finish'>;
  /** Name of a person of this installation by object id, where it is still known. */
  readonly personName: (objectId: string) => Promise<string | undefined>;
  readonly publicUrl: string;
}

const outcomeStatus = { connected: 200, proving: 202, declined: 200, refused: 403 } as const;

/** The three pages that an administrator without an account here comes by. None of them needs a session. */
export function createConsent(deps: ConsentDeps): Record<'page' | 'continue' | 'callback', PageHandler> {
  const { consentLinks, personName, publicUrl } = deps;
  const host = new URL(publicUrl).host;

  const result = (status: number, frame: Frame, text: ConsentText, link?: ConsentLink) =>
    renderPage(status, {
      title: text.title,
      body: <ConsentResultPage frame={frame} text={text} host={host} link={link} />,
    });

  return {
    /** `GET /consent/{ticket}`: spends nothing, however often a mail program looks at it. */
    async page(request, frame) {
      const ticket = routeParameter(request, 'ticket');
      const found = await unlessCode(['not_found'], () => consentLinks.view(ticket));
      if (!found) return result(404, frame, unknownLink);
      const { link, key } = found;
      if (link.status !== 'open' || key === undefined) {
        const status = link.status === 'open' ? 'expired' : link.status;
        const text = linkText(status, link.reason?.message);
        return result(status === 'expired' ? 410 : 200, frame, text, link);
      }
      const path = `/consent/${encodeURIComponent(ticket)}/continue`;
      const body = (
        <ConsentPage
          frame={frame}
          link={link}
          askedBy={await personName(link.createdBy)}
          host={host}
          continueHref={`${path}?key=${encodeURIComponent(key)}`}
        />
      );
      return renderPage(200, { title: consentTitle, body });
    },

    /** `GET /consent/{ticket}/continue?key=…`: leaves for Microsoft. */
    async continue(request, frame) {
      const ticket = routeParameter(request, 'ticket');
      const key = request.query.get('key') ?? '';
      const url = await unlessCode(['not_found'], () => consentLinks.begin(ticket, key));
      return url ? seeOther(url) : result(404, frame, unknownLink);
    },

    /** `GET /consent/callback`: what Microsoft says is a claim; what came of the proof is shown. */
    async callback(request, frame) {
      const query = new URLSearchParams([...request.query]);
      const outcome = await unlessCode(['flow_mismatch', 'flow_expired', 'gone'], () =>
        consentLinks.finish(query),
      );
      if (!outcome) return result(410, frame, staleAnswer);
      return result(outcomeStatus[outcome.status], frame, outcomeText(outcome), outcome.link);
    },
  };
}

/** The answer, or undefined for one of the errors that have a page of their own. */
async function unlessCode<T>(codes: readonly ErrorCode[], ask: () => Promise<T>): Promise<T | undefined> {
  try {
    return await ask();
  } catch (error) {
    if (isAppError(error) && codes.includes(error.code)) return undefined;
    throw error;
  }
}
