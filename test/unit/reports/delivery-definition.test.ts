import { deliveryDefinition } from '../../../src/reports/deliver/index.ts';

describe('the definition of a delivery to another container', () => {
  it.each([
    [{ container: 'inventory' }],
    [{ container: 'reports' }],
    [{ container: 'azure-webjobs-secrets' }],
    [{ container: '$web' }],
    [{ container: 'a--b' }],
    [{ prefix: '/x' }],
    [{ prefix: '../x' }],
  ])('refuses %j', (more) => {
    expect(deliveryDefinition.safeParse({ kind: 'blob', ...more }).success).toBe(false);
  });
});

describe('the definition of a delivery by webhook', () => {
  it.each([
    { url: 'http://hooks.example/x' },
    { url: 'https://user:word@hooks.example/x' },
    { url: 'ftp://hooks.example/x' },
    // The secrets of the app itself sign nothing.
    { url: 'https://hooks.example/x', secretName: 'entra-client-secret' },
  ])('refuses %j', (more) => {
    expect(deliveryDefinition.safeParse({ kind: 'webhook', ...more }).success).toBe(false);
  });
});
