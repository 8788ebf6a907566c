import { readFileSync } from 'node:fs';
import { createTenant, type Tenant } from '../../../../src/local/tenant/tenant.ts';

describe('the README of the local tenant', () => {
  let tenant: Tenant;
  beforeAll(async () => {
    tenant = await createTenant();
  });
  afterAll(() => tenant.stop());

  it('lists every endpoint', () => {
    const text = readFileSync(new URL('../../../../src/local/tenant/README.md', import.meta.url), 'utf8');
    const missing = tenant.routes
      .map((route) => {
        const shown = 'display' in route ? String(route.display) : undefined;
        const path =
          shown ??
          (typeof route.path === 'string' ? route.path.replace(/:(\w+)/g, '{$1}') : route.path.source);
        return `\`${route.method} ${path.replaceAll('…', '...')}\``;
      })
      .filter((endpoint) => !text.includes(endpoint));
    expect(missing).toEqual([]);
  });
});
