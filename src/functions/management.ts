import { app } from '@azure/functions';
import { serve } from './running-app.ts';

// The API for administrators and, for their own things, people. Anonymous to the Functions host: a session decides.

app.http('session', {
  route: 'api/session',
  methods: ['GET'],
  authLevel: 'anonymous',
  handler: serve(({ http }) => http.session.get),
});

app.http('openapi', {
  route: 'api/openapi.json',
  methods: ['GET'],
  authLevel: 'anonymous',
  handler: serve(({ http }) => http.openApi),
});

app.http('caller-list', {
  route: 'api/callers',
  methods: ['GET'],
  authLevel: 'anonymous',
  handler: serve(({ http }) => http.callers.list),
});

app.http('caller-create', {
  route: 'api/callers',
  methods: ['POST'],
  authLevel: 'anonymous',
  handler: serve(({ http }) => http.callers.create),
});

app.http('caller-get', {
  route: 'api/callers/{id}',
  methods: ['GET'],
  authLevel: 'anonymous',
  handler: serve(({ http }) => http.callers.get),
});

app.http('caller-remove', {
  route: 'api/callers/{id}',
  methods: ['DELETE'],
  authLevel: 'anonymous',
  handler: serve(({ http }) => http.callers.remove),
});

app.http('caller-key-add', {
  route: 'api/callers/{id}/keys',
  methods: ['POST'],
  authLevel: 'anonymous',
  handler: serve(({ http }) => http.callers.addKey),
});

app.http('caller-key-remove', {
  route: 'api/callers/{id}/keys/{keyId}',
  methods: ['DELETE'],
  authLevel: 'anonymous',
  handler: serve(({ http }) => http.callers.removeKey),
});

app.http('policy-list', {
  route: 'api/policies',
  methods: ['GET'],
  authLevel: 'anonymous',
  handler: serve(({ http }) => http.policies.list),
});

app.http('policy-explain', {
  route: 'api/policies/explain',
  methods: ['POST'],
  authLevel: 'anonymous',
  handler: serve(({ http }) => http.explain),
});

app.http('policy-schema', {
  route: 'api/policies.schema.json',
  methods: ['GET'],
  authLevel: 'anonymous',
  handler: serve(({ http }) => http.policies.schema),
});

app.http('policy-get', {
  route: 'api/policies/{name}',
  methods: ['GET'],
  authLevel: 'anonymous',
  handler: serve(({ http }) => http.policies.get),
});

app.http('policy-put', {
  route: 'api/policies/{name}',
  methods: ['PUT'],
  authLevel: 'anonymous',
  handler: serve(({ http }) => http.policies.put),
});

app.http('policy-remove', {
  route: 'api/policies/{name}',
  methods: ['DELETE'],
  authLevel: 'anonymous',
  handler: serve(({ http }) => http.policies.remove),
});

app.http('consent-link-list', {
  route: 'api/consent-links',
  methods: ['GET'],
  authLevel: 'anonymous',
  handler: serve(({ http }) => http.consentLinks.list),
});

app.http('consent-link-create', {
  route: 'api/consent-links',
  methods: ['POST'],
  authLevel: 'anonymous',
  handler: serve(({ http }) => http.consentLinks.create),
});

app.http('job-list', {
  route: 'api/jobs',
  methods: ['GET'],
  authLevel: 'anonymous',
  handler: serve(({ http }) => http.jobs.list),
});

app.http('job-get', {
  route: 'api/jobs/{name}',
  methods: ['GET'],
  authLevel: 'anonymous',
  handler: serve(({ http }) => http.jobs.get),
});

app.http('job-put', {
  route: 'api/jobs/{name}',
  methods: ['PUT'],
  authLevel: 'anonymous',
  handler: serve(({ http }) => http.jobs.put),
});

app.http('job-remove', {
  route: 'api/jobs/{name}',
  methods: ['DELETE'],
  authLevel: 'anonymous',
  handler: serve(({ http }) => http.jobs.remove),
});

app.http('job-runs', {
  route: 'api/jobs/{name}/runs',
  methods: ['GET'],
  authLevel: 'anonymous',
  handler: serve(({ http }) => http.jobs.runs),
});

app.http('job-start', {
  route: 'api/jobs/{name}/runs',
  methods: ['POST'],
  authLevel: 'anonymous',
  handler: serve(({ http }) => http.jobs.start),
});

app.http('job-estimate', {
  route: 'api/jobs/{name}/estimate',
  methods: ['GET'],
  authLevel: 'anonymous',
  handler: serve(({ http }) => http.jobs.estimate),
});

app.http('job-estimate-of', {
  route: 'api/job-estimates',
  methods: ['POST'],
  authLevel: 'anonymous',
  handler: serve(({ http }) => http.jobs.estimateOf),
});

app.http('job-occurrences', {
  route: 'api/jobs/{name}/occurrences',
  methods: ['GET'],
  authLevel: 'anonymous',
  handler: serve(({ http }) => http.jobs.occurrences),
});

app.http('job-kinds', {
  route: 'api/job-kinds',
  methods: ['GET'],
  authLevel: 'anonymous',
  handler: serve(({ http }) => http.reports.kinds),
});

app.http('report-list', {
  route: 'api/reports',
  methods: ['GET'],
  authLevel: 'anonymous',
  handler: serve(({ http }) => http.reports.list),
});

app.http('report-get', {
  route: 'api/reports/{name}',
  methods: ['GET'],
  authLevel: 'anonymous',
  handler: serve(({ http }) => http.reports.get),
});

app.http('why', {
  route: 'api/why',
  methods: ['GET'],
  authLevel: 'anonymous',
  handler: serve(({ http }) => http.why),
});

app.http('run-list', {
  route: 'api/runs',
  methods: ['GET'],
  authLevel: 'anonymous',
  handler: serve(({ http }) => http.runs.list),
});

app.http('run-get', {
  route: 'api/runs/{id}',
  methods: ['GET'],
  authLevel: 'anonymous',
  handler: serve(({ http }) => http.runs.get),
});

app.http('run-cancel', {
  route: 'api/runs/{id}/cancel',
  methods: ['POST'],
  authLevel: 'anonymous',
  handler: serve(({ http }) => http.runs.cancel),
});

app.http('run-retry', {
  route: 'api/runs/{id}/retry',
  methods: ['POST'],
  authLevel: 'anonymous',
  handler: serve(({ http }) => http.runs.retry),
});

app.http('run-delivery-retry', {
  route: 'api/runs/{id}/deliveries/{number}/retry',
  methods: ['POST'],
  authLevel: 'anonymous',
  handler: serve(({ http }) => http.runs.retryDelivery),
});

app.http('run-file', {
  route: 'api/runs/{id}/files/{file}',
  methods: ['GET'],
  authLevel: 'anonymous',
  handler: serve(({ http }) => http.runFile),
});

app.http('rule-kinds', {
  route: 'api/rule-kinds',
  methods: ['GET'],
  authLevel: 'anonymous',
  handler: serve(({ http }) => http.rules.kinds),
});

app.http('rule-list', {
  route: 'api/rules',
  methods: ['GET'],
  authLevel: 'anonymous',
  handler: serve(({ http }) => http.rules.list),
});

app.http('rule-get', {
  route: 'api/rules/{name}',
  methods: ['GET'],
  authLevel: 'anonymous',
  handler: serve(({ http }) => http.rules.get),
});

app.http('rule-put', {
  route: 'api/rules/{name}',
  methods: ['PUT'],
  authLevel: 'anonymous',
  handler: serve(({ http }) => http.rules.put),
});

app.http('rule-remove', {
  route: 'api/rules/{name}',
  methods: ['DELETE'],
  authLevel: 'anonymous',
  handler: serve(({ http }) => http.rules.remove),
});

app.http('rule-preview', {
  route: 'api/rules/{name}/preview',
  methods: ['POST'],
  authLevel: 'anonymous',
  handler: serve(({ http }) => http.rules.preview),
});

app.http('rule-replay', {
  route: 'api/rules/{name}/replay',
  methods: ['POST'],
  authLevel: 'anonymous',
  handler: serve(({ http }) => http.rules.replay),
});

app.http('operation-list', {
  route: 'api/operations',
  methods: ['GET'],
  authLevel: 'anonymous',
  handler: serve(({ http }) => http.operations.list),
});

app.http('operation-get', {
  route: 'api/operations/{id}',
  methods: ['GET'],
  authLevel: 'anonymous',
  handler: serve(({ http }) => http.operations.get),
});

app.http('operation-undo', {
  route: 'api/operations/{id}/undo',
  methods: ['POST'],
  authLevel: 'anonymous',
  handler: serve(({ http }) => http.operations.undo),
});

app.http('subscription-list', {
  route: 'api/subscriptions',
  methods: ['GET'],
  authLevel: 'anonymous',
  handler: serve(({ http }) => http.subscriptions.list),
});

app.http('poison-list', {
  route: 'api/poison',
  methods: ['GET'],
  authLevel: 'anonymous',
  handler: serve(({ http }) => http.poison.list),
});

app.http('poison-retry', {
  route: 'api/poison/{queue}/retry',
  methods: ['POST'],
  authLevel: 'anonymous',
  handler: serve(({ http }) => http.poison.retry),
});

app.http('audit-list', {
  route: 'api/audit',
  methods: ['GET'],
  authLevel: 'anonymous',
  handler: serve(({ http }) => http.audit.list),
});
