import type { Handler } from '../api/http.ts';
import type { ConsentLinks } from '../broker/consent-link.ts';
import type { Ports } from '../ports.ts';
import { asset } from './handlers/asset.ts';
import { type ConsentDeps, createConsent } from './handlers/consent.tsx';
import { createConsentLinkForm, createConsentLinkShown } from './handlers/consent-links.tsx';
import { createHome, type HomeDeps } from './handlers/home.tsx';
import { createNotFound } from './handlers/not-found.ts';
import { createPageHandler } from './handlers/page-request.ts';
import { createRenderError, type RenderError } from './render-error.tsx';

export interface ConsoleDeps
  extends Omit<HomeDeps, 'consentLinks' | 'ports'>,
    Omit<ConsentDeps, 'consentLinks'> {
  readonly consentLinks: Pick<ConsentLinks, 'create' | 'list' | 'view' | 'begin' | 'finish'>;
  /** Of this app, for the foot of each page. */
  readonly version: string;
  readonly ports: Pick<Ports, 'clock' | 'log' | 'random'>;
}

export interface Console {
  /** `GET /` */
  readonly home: Handler;
  /** `GET /assets/{file}` */
  readonly asset: Handler;
  /** `POST /consent-links` */
  readonly createConsentLink: Handler;
  /** `GET /consent-links/{id}` */
  readonly consentLinkCreated: Handler;
  /** `GET /consent/{ticket}` */
  readonly consentPage: Handler;
  /** `GET /consent/{ticket}/continue` */
  readonly consentContinue: Handler;
  /** `GET /consent/callback` */
  readonly consentCallback: Handler;
  /** Any method, any other path. */
  readonly notFound: Handler;
  /** An error as a page, for the sign-in. */
  readonly renderError: RenderError;
}

/** The console: server-rendered pages that need no script. */
export function createConsole(deps: ConsoleDeps): Console {
  const page = createPageHandler(deps);
  const consent = createConsent(deps);
  return {
    home: page(createHome(deps)),
    asset: page(asset),
    createConsentLink: page(createConsentLinkForm(deps)),
    consentLinkCreated: page(createConsentLinkShown(deps)),
    consentPage: page(consent.page),
    consentContinue: page(consent.continue),
    consentCallback: page(consent.callback),
    notFound: page(createNotFound({ now: deps.ports.clock })),
    renderError: createRenderError(deps),
  };
}
