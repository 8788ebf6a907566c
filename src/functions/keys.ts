import { app } from '@azure/functions';
import { serve } from './running-app.ts';

// The keys that seal what is stored, for administrators.

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
