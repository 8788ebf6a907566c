import { app } from '@azure/functions';

// A function that does nothing but answer, in the same host as the product.
const body = JSON.stringify({ access_token: 'x'.repeat(1500), token_type: 'Bearer', expires_in: 3600 });
app.http('empty', {
  route: 'empty',
  methods: ['POST'],
  authLevel: 'anonymous',
  handler: async () => ({ headers: { 'content-type': 'application/json' }, body }),
});
