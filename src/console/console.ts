import type { Handler } from '../api/http.ts';
import type { Audit } from '../broker/audit.ts';
import type { ConsentLinks } from '../broker/consent-link.ts';
import type { Ports } from '../ports.ts';
import { asset } from './handlers/asset.ts';
import { type AuthDeps, createAuthHandlers, withoutFlowCookie } from './handlers/auth.ts';
import { type ConnectionsDeps, createConnectionPages } from './handlers/connections.tsx';
import { type ConsentDeps, createConsent } from './handlers/consent.tsx';
import { createConsentLinkForm, createConsentLinkShown } from './handlers/consent-links.tsx';
import { createDeviceApproval } from './handlers/device.tsx';
import { createHome, type HomeDeps } from './handlers/home.tsx';
import { createJobForm, type JobFormDeps } from './handlers/job-form.tsx';
import { createNotFound } from './handlers/not-found.ts';
import { createPageHandler } from './handlers/page-request.ts';
import { createProgramApproval, type ProgramsDeps } from './handlers/programs.tsx';
import { createRunPages, type RunPagesDeps } from './handlers/runs.tsx';

export interface ConsoleDeps
  extends ProgramsDeps,
    Omit<RunPagesDeps, 'ports' | 'jobs'>,
    Omit<JobFormDeps, 'jobs'>,
    Omit<HomeDeps, 'consentLinks' | 'ports'>,
    Omit<ConsentDeps, 'consentLinks'>,
    Omit<ConnectionsDeps, 'ports'>,
    AuthDeps {
  readonly audit: Pick<Audit, 'record'>;
  readonly jobs: RunPagesDeps['jobs'] & JobFormDeps['jobs'];
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
  /** `GET /auth/sign-in` */
  readonly signIn: Handler;
  /** `GET /auth/connect` */
  readonly connectAccount: Handler;
  /** `GET /auth/callback` */
  readonly signInCallback: Handler;
  /** `POST /auth/sign-out` */
  readonly signOut: Handler;
  /** `GET /device` */
  readonly devicePage: Handler;
  /** `POST /device` */
  readonly deviceDecision: Handler;
  /** `GET /oauth2/authorize` */
  readonly authorizePage: Handler;
  /** `GET /oauth2/authorize/continue` */
  readonly authorizeContinue: Handler;
  /** `GET /jobs/new` */
  readonly newJob: Handler;
  /** `POST /jobs` */
  readonly makeJob: Handler;
  /** `GET /runs/{id}` */
  readonly runPage: Handler;
  /** `POST /jobs/{name}/runs` */
  readonly startRun: Handler;
  /** `POST /runs/{id}/cancel` */
  readonly cancelRun: Handler;
  /** `POST /runs/{id}/retry` */
  readonly retryRun: Handler;
  /** `POST /runs/{id}/deliveries/{number}/retry` */
  readonly retryDelivery: Handler;
  /** `GET /connections/{id}` */
  readonly connectionPage: Handler;
  /** `POST /connections/{id}/{action}` */
  readonly connectionAction: Handler;
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
}

/** The console: server-rendered pages that need no script. */
export function createConsole(deps: ConsoleDeps): Console {
  const page = createPageHandler(deps);
  const consent = createConsent(deps);
  const auth = createAuthHandlers(deps);
  const devices = createDeviceApproval(deps);
  const programs = createProgramApproval(deps);
  const runs = createRunPages(deps);
  const jobForm = createJobForm(deps);
  const connections = createConnectionPages(deps);
  return {
    home: page(createHome(deps)),
    asset: page(asset),
    signIn: page(auth.signIn),
    connectAccount: page(auth.connect),
    signInCallback: withoutFlowCookie(page(auth.signInCallback)),
    signOut: page(auth.signOut),
    devicePage: page(devices.page),
    deviceDecision: page(devices.decide),
    authorizePage: page(programs.page),
    authorizeContinue: page(programs.continue),
    newJob: page(jobForm.page),
    makeJob: page(jobForm.make),
    runPage: page(runs.page),
    startRun: page(runs.start),
    cancelRun: page(runs.cancel),
    retryRun: page(runs.retry),
    retryDelivery: page(runs.retryDelivery),
    connectionPage: page(connections.page),
    connectionAction: page(connections.act),
    createConsentLink: page(createConsentLinkForm(deps)),
    consentLinkCreated: page(createConsentLinkShown(deps)),
    consentPage: page(consent.page),
    consentContinue: page(consent.continue),
    consentCallback: page(consent.callback),
    notFound: page(createNotFound({ now: deps.ports.clock })),
  };
}
