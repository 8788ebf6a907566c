import { app } from '@azure/functions';
import { serve } from './running-app.ts';

// What callers speak: standard OAuth. Anonymous to the Functions host, because each handler proves its caller itself.

app.http('token', {
  route: 'oauth2/token',
  methods: ['POST'],
  authLevel: 'anonymous',
  handler: serve(({ http }) => http.token),
});

app.http('device-authorization', {
  route: 'oauth2/device_authorization',
  methods: ['POST'],
  authLevel: 'anonymous',
  handler: serve(({ http }) => http.ownTokens.deviceAuthorization),
});

app.http('revoke', {
  route: 'oauth2/revoke',
  methods: ['POST'],
  authLevel: 'anonymous',
  handler: serve(({ http }) => http.ownTokens.revoke),
});

app.http('graph-proxy', {
  route: 'graph/v1.0/{*path}',
  methods: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'],
  authLevel: 'anonymous',
  handler: serve(({ http }) => http.graphProxy),
});

app.http('graph-proxy-beta', {
  route: 'graph/beta/{*path}',
  methods: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'],
  authLevel: 'anonymous',
  handler: serve(({ http }) => http.graphProxy),
});

app.http('identity', {
  route: 'identity',
  methods: ['GET'],
  authLevel: 'anonymous',
  handler: serve(({ http }) => http.identity),
});

app.http('metadata', {
  route: '.well-known/oauth-authorization-server',
  methods: ['GET'],
  authLevel: 'anonymous',
  handler: serve(({ http }) => http.metadata),
});

app.http('health', {
  route: 'healthz',
  methods: ['GET'],
  authLevel: 'anonymous',
  handler: serve(({ http }) => http.health.alive),
});

app.http('readiness', {
  route: 'readyz',
  methods: ['GET'],
  authLevel: 'anonymous',
  handler: serve(({ http }) => http.health.ready),
});
