import { app } from '@azure/functions';
import { serve } from './running-app.ts';

// What a person's browser opens.

app.http('home', {
  // The library takes an empty text for none.
  route: '/',
  methods: ['GET'],
  authLevel: 'anonymous',
  handler: serve(({ http }) => http.home),
});

app.http('asset', {
  route: 'assets/{file}',
  methods: ['GET'],
  authLevel: 'anonymous',
  handler: serve(({ http }) => http.asset),
});

app.http('sign-in', {
  route: 'auth/sign-in',
  methods: ['GET'],
  authLevel: 'anonymous',
  handler: serve(({ http }) => http.signIn),
});

app.http('connect-account', {
  route: 'auth/connect',
  methods: ['GET'],
  authLevel: 'anonymous',
  handler: serve(({ http }) => http.connectAccount),
});

app.http('sign-in-callback', {
  route: 'auth/callback',
  methods: ['GET'],
  authLevel: 'anonymous',
  handler: serve(({ http }) => http.signInCallback),
});

app.http('sign-out', {
  route: 'auth/sign-out',
  methods: ['POST'],
  authLevel: 'anonymous',
  handler: serve(({ http }) => http.signOut),
});

app.http('device-page', {
  route: 'device',
  methods: ['GET'],
  authLevel: 'anonymous',
  handler: serve(({ http }) => http.devicePage),
});

app.http('device-decision', {
  route: 'device',
  methods: ['POST'],
  authLevel: 'anonymous',
  handler: serve(({ http }) => http.deviceDecision),
});

app.http('authorize', {
  route: 'oauth2/authorize',
  methods: ['GET'],
  authLevel: 'anonymous',
  handler: serve(({ http }) => http.authorizePage),
});

app.http('authorize-continue', {
  route: 'oauth2/authorize/continue',
  methods: ['GET'],
  authLevel: 'anonymous',
  handler: serve(({ http }) => http.authorizeContinue),
});

app.http('job-new', {
  route: 'jobs/new',
  methods: ['GET'],
  authLevel: 'anonymous',
  handler: serve(({ http }) => http.newJob),
});

app.http('job-make', {
  route: 'jobs',
  methods: ['POST'],
  authLevel: 'anonymous',
  handler: serve(({ http }) => http.makeJob),
});

app.http('run-page', {
  route: 'runs/{id}',
  methods: ['GET'],
  authLevel: 'anonymous',
  handler: serve(({ http }) => http.runPage),
});

app.http('job-start-form', {
  route: 'jobs/{name}/runs',
  methods: ['POST'],
  authLevel: 'anonymous',
  handler: serve(({ http }) => http.startRun),
});

app.http('run-cancel-form', {
  route: 'runs/{id}/cancel',
  methods: ['POST'],
  authLevel: 'anonymous',
  handler: serve(({ http }) => http.cancelRun),
});

app.http('run-retry-form', {
  route: 'runs/{id}/retry',
  methods: ['POST'],
  authLevel: 'anonymous',
  handler: serve(({ http }) => http.retryRun),
});

app.http('run-delivery-retry-form', {
  route: 'runs/{id}/deliveries/{number}/retry',
  methods: ['POST'],
  authLevel: 'anonymous',
  handler: serve(({ http }) => http.retryDelivery),
});

app.http('connection-page', {
  route: 'connections/{id}',
  methods: ['GET'],
  authLevel: 'anonymous',
  handler: serve(({ http }) => http.connectionPage),
});

app.http('connection-action', {
  route: 'connections/{id}/{action}',
  methods: ['POST'],
  authLevel: 'anonymous',
  handler: serve(({ http }) => http.connectionAction),
});

app.http('consent-link-form', {
  route: 'consent-links',
  methods: ['POST'],
  authLevel: 'anonymous',
  handler: serve(({ http }) => http.createConsentLink),
});

app.http('consent-link-made', {
  route: 'consent-links/{id}',
  methods: ['GET'],
  authLevel: 'anonymous',
  handler: serve(({ http }) => http.consentLinkCreated),
});

app.http('consent', {
  route: 'consent/{ticket}',
  methods: ['GET'],
  authLevel: 'anonymous',
  handler: serve(({ http }) => http.consentPage),
});

app.http('consent-continue', {
  route: 'consent/{ticket}/continue',
  methods: ['GET'],
  authLevel: 'anonymous',
  handler: serve(({ http }) => http.consentContinue),
});

app.http('consent-callback', {
  route: 'consent/callback',
  methods: ['GET'],
  authLevel: 'anonymous',
  handler: serve(({ http }) => http.consentCallback),
});

// The least specific route: whatever no other function serves.
app.http('not-found', {
  route: '{*path}',
  methods: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'],
  authLevel: 'anonymous',
  handler: serve(({ http }) => http.notFound),
});
