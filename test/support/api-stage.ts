import { type HttpMethod, HttpRequest } from '@azure/functions';
import type { Handler } from '../../src/api/http.ts';
import type { RunningApp } from '../../src/app.ts';
import { sessionCookieName } from '../../src/broker/sessions.ts';
import { type BrokerStage, createBrokerStage } from './broker-stage.ts';
import { createOidcIssuer, type OidcIssuer } from './oidc-issuer.ts';

/** A JSON body that is only looked into. */
export interface Loose {
  readonly [name: string]: Loose;
}

export interface ApiAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Loose;
}

export interface Call {
  readonly method?: HttpMethod;
  readonly params?: Record<string, string>;
  /** `?limit=2` */
  readonly query?: string;
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
}

export type ApiStage = Awaited<ReturnType<typeof createApiStage>>;

/** The broker with its tenant, an app connection `contoso`, an administrator's session, and an issuer that it trusts. */
export async function createApiStage() {
  const issuer = await createOidcIssuer();
  const stage: BrokerStage = await createBrokerStage({
    settings: { GRAPH_VALET_TRUSTED_ISSUERS: issuer.url },
  });
  const audience = stage.config.publicUrl;
  const { broker } = stage;
  const admin = stage.person('admin');
  const person = {
    objectId: admin.id,
    tenantId: stage.info.tenantId,
    homeAccountId: `${admin.id}.${stage.info.tenantId}`,
    name: 'Admin',
    username: admin.upn,
    connectionId: 'con_admin',
  };
  const cookie = await broker.sessions.begin(person);
  const session = await broker.sessions.find(cookie.value);
  if (!session) throw new Error('the session of the administrator is gone');
  const administratorHeaders = {
    cookie: `${sessionCookieName}=${cookie.value}`,
    'x-csrf-token': session.csrf,
  };
  await broker.connectTenant({
    alias: 'contoso',
    tenantId: stage.info.tenantId,
    permissions: ['User.Read.All'],
    createdBy: admin.id,
  });

  async function call(
    handler: Handler,
    { method = 'GET', params = {}, query = '', body, headers = administratorHeaders }: Call = {},
  ): Promise<ApiAnswer> {
    const reply = await handler(
      new HttpRequest({
        method,
        url: `${stage.config.publicUrl}/api/x${query}`,
        params,
        headers: { 'content-type': 'application/json', ...headers },
        ...(body === undefined ? {} : { body: { string: JSON.stringify(body) } }),
      }),
    );
    return {
      status: reply.status ?? 200,
      headers: new Headers(reply.headers as Record<string, string>),
      body: JSON.parse(String(reply.body || 'null')),
    };
  }

  return {
    ...stage,
    issuer,
    administratorHeaders,
    call,
    /** A token of the trusted issuer for this installation. */
    idToken: (claims: Parameters<OidcIssuer['token']>[0], header?: Record<string, unknown>) =>
      issuer.token({ aud: audience, ...claims }, header),
    /** A caller with a key. */
    async caller(name = 'a script') {
      const made = await broker.callers.create({ name, createdBy: admin.id, expiresInDays: 30 });
      return { id: made.caller.id, key: made.key, keyId: made.keyId };
    },
    put: (name: string, body: unknown, app: RunningApp = stage.app) =>
      call(app.http.policies.put, { method: 'PUT', params: { name }, body }),
    /** `POST /oauth2/token` over HTTP. */
    async token(
      form: Record<string, string> | [string, string][] | string,
      headers: Record<string, string> = {},
    ): Promise<ApiAnswer> {
      const reply = await fetch(`${stage.site.url}/oauth2/token`, {
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
        body: typeof form === 'string' ? form : new URLSearchParams(form).toString(),
      });
      const text = await reply.text();
      return { status: reply.status, headers: reply.headers, body: JSON.parse(text || 'null') };
    },
    async stop() {
      await issuer.stop();
      await stage.stop();
    },
  };
}

export function basic(id: string, key: string): Record<string, string> {
  return { authorization: `Basic ${Buffer.from(`${id}:${key}`).toString('base64')}` };
}
