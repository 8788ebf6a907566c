import { app } from '@azure/functions';
import { serve } from './running-app.ts';

// What keeps the installation going, for administrators: keys, notices.

app.http('key-list', {
  route: 'api/keys',
  methods: ['GET'],
  authLevel: 'anonymous',
  handler: serve(({ http }) => http.keys.get),
});

app.http('key-rotate', {
  route: 'api/keys/rotate',
  methods: ['POST'],
  authLevel: 'anonymous',
  handler: serve(({ http }) => http.keys.rotate),
});

app.http('key-retire', {
  route: 'api/keys/{id}/retire',
  methods: ['POST'],
  authLevel: 'anonymous',
  handler: serve(({ http }) => http.keys.retire),
});

app.http('notice-list', {
  route: 'api/notices',
  methods: ['GET'],
  authLevel: 'anonymous',
  handler: serve(({ http }) => http.notices.list),
});

app.http('notice-test', {
  route: 'api/notices/test',
  methods: ['POST'],
  authLevel: 'anonymous',
  handler: serve(({ http }) => http.notices.test),
});
