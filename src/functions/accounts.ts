import { app } from '@azure/functions';
import { serve } from './running-app.ts';

// Connections and the people behind them. Anonymous to the Functions host: a session or a program's own token decides.

app.http('connection-list', {
  route: 'api/connections',
  methods: ['GET'],
  authLevel: 'anonymous',
  handler: serve(({ http }) => http.connections.list),
});

app.http('connection-create', {
  route: 'api/connections',
  methods: ['POST'],
  authLevel: 'anonymous',
  handler: serve(({ http }) => http.connections.create),
});

app.http('connection-get', {
  route: 'api/connections/{id}',
  methods: ['GET'],
  authLevel: 'anonymous',
  handler: serve(({ http }) => http.connections.get),
});

app.http('connection-remove', {
  route: 'api/connections/{id}',
  methods: ['DELETE'],
  authLevel: 'anonymous',
  handler: serve(({ http }) => http.connectionChanges.remove),
});

app.http('connection-change', {
  route: 'api/connections/{id}',
  methods: ['PATCH'],
  authLevel: 'anonymous',
  handler: serve(({ http }) => http.connectionChanges.change),
});

app.http('connection-sign-out', {
  route: 'api/connections/{id}/sign-out',
  methods: ['POST'],
  authLevel: 'anonymous',
  handler: serve(({ http }) => http.connectionChanges.signOut),
});

app.http('connection-refresh', {
  route: 'api/connections/{id}/refresh',
  methods: ['POST'],
  authLevel: 'anonymous',
  handler: serve(({ http }) => http.connections.refresh),
});

app.http('connection-token', {
  route: 'api/connections/{id}/token',
  methods: ['POST'],
  authLevel: 'anonymous',
  handler: serve(({ http }) => http.ownToken),
});

app.http('connect-device', {
  route: 'api/connections/device',
  methods: ['POST'],
  authLevel: 'anonymous',
  handler: serve(({ http }) => http.connect.deviceStart),
});

app.http('connect-device-poll', {
  route: 'api/connections/device/{id}',
  methods: ['POST'],
  authLevel: 'anonymous',
  handler: serve(({ http }) => http.connect.devicePoll),
});

app.http('connect-import', {
  route: 'api/connections/import',
  methods: ['POST'],
  authLevel: 'anonymous',
  handler: serve(({ http }) => http.connect.import),
});

app.http('connect-password', {
  route: 'api/connections/password',
  methods: ['POST'],
  authLevel: 'anonymous',
  handler: serve(({ http }) => http.connect.password),
});

app.http('person-export', {
  route: 'api/people/{id}/export',
  methods: ['GET'],
  authLevel: 'anonymous',
  handler: serve(({ http }) => http.people.export),
});

app.http('person-erase', {
  route: 'api/people/{id}',
  methods: ['DELETE'],
  authLevel: 'anonymous',
  handler: serve(({ http }) => http.people.erase),
});
