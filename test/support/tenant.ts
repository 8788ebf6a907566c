import { readFileSync } from 'node:fs';
import tls from 'node:tls';
import { spawnChild } from '../../src/local/launcher/child.ts';
import { type TenantInfo, tenantInfo } from '../../src/local/launcher/tenant-info.ts';

export interface TestTenant {
  readonly info: TenantInfo;
  /** Graph as the app. */
  graph(at: string, init?: RequestInit): Promise<Response>;
  /** One request to the token endpoint; `client` and secret are added unless given. */
  token(
    form: Readonly<Record<string, string>>,
    segment?: string,
  ): Promise<{ status: number; body: Record<string, unknown> }>;
  control(method: string, at: string, body?: unknown): Promise<Record<string, unknown>>;
  stop(): Promise<void>;
}

/** The local tenant as its own process, asked by plain fetch. */
export async function startTestTenant(args: readonly string[] = []): Promise<TestTenant> {
  const child = spawnChild({
    entry: new URL('../../src/local/tenant/main.ts', import.meta.url).pathname,
    args: ['--json', '--loopback-notifications', ...args],
    name: 'The local tenant',
  });
  const info = tenantInfo.parse(await child.firstJsonLine());
  tls.setDefaultCACertificates([...tls.getCACertificates('default'), readFileSync(info.caFile, 'utf8')]);

  async function token(form: Readonly<Record<string, string>>, segment = info.tenantId) {
    const body = new URLSearchParams({ client_id: info.clientId, client_secret: info.clientSecret, ...form });
    const answer = await fetch(`${info.loginUrl}/${segment}/oauth2/v2.0/token`, {
      method: 'POST',
      body,
    });
    return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
  }

  const scope = 'https://graph.microsoft.com/.default';
  const { body } = await token({ grant_type: 'client_credentials', scope });
  return {
    info,
    token,
    stop: () => child.stop(),
    graph(at, init = {}) {
      const headers = new Headers(init.headers);
      headers.set('authorization', `Bearer ${body.access_token}`);
      return fetch(at.startsWith('https://') ? at : `${info.graphUrl}/v1.0${at}`, { ...init, headers });
    },
    async control(method, at, sent) {
      const answer = await fetch(info.controlUrl + at, {
        method,
        ...(sent === undefined ? {} : { body: JSON.stringify(sent) }),
      });
      const text = await answer.text();
      if (!answer.ok) throw new Error(`control answered ${answer.status}: ${text}`);
      return text === '' ? {} : (JSON.parse(text) as Record<string, unknown>);
    },
  };
}
