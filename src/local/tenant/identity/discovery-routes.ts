import type { Exchange, Route } from '../http/route.ts';
import { Refusal, refusalReply } from './aadsts.ts';
import { readAuthority } from './authority.ts';
import type { IdentityWorld } from './identity-world.ts';

const REAL = ['login.microsoftonline.com', 'login.windows.net', 'login.microsoft.com', 'sts.windows.net'];

/** A host of the service, or this tenant under one of its own addresses. */
function isKnownInstance(endpoint: URL, host: string): boolean {
  return [host, ...REAL].includes(endpoint.host) || ['localhost', '127.0.0.1'].includes(endpoint.hostname);
}

const METADATA_TTL = {
  'cache-control': 'max-age=86400, private',
  'access-control-allow-origin': '*',
} as const;

/** What clients read before anything else: OIDC metadata, instance discovery, signing keys. */
export function discoveryRoutes(world: IdentityWorld): Route[] {
  const common = { listener: 'login', method: 'GET' } as const;

  const metadata = (exchange: Exchange, version: 1 | 2) => {
    try {
      const authority = readAuthority(world.directory, exchange.params.tenant ?? '');
      const tenantId = authority.kind === 'tenant' ? authority.tenant.id : undefined;
      const personal = /^consumers$/i.test(exchange.params.tenant ?? '');
      const segment =
        authority.kind !== 'tenant' ? authority.kind : personal ? 'consumers' : authority.tenant.id;
      return { status: 200, headers: METADATA_TTL, body: describe(exchange, segment, tenantId, version) };
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      return refusalReply(exchange, error, world.clock());
    }
  };

  return [
    {
      ...common,
      path: '/:tenant/v2.0/.well-known/openid-configuration',
      summary: 'OIDC discovery',
      contract: '1.2',
      strict: 'unknown tenant 90002; issuer template for common and organizations',
      handle: (exchange) => metadata(exchange, 2),
    },
    {
      ...common,
      path: '/:tenant/.well-known/openid-configuration',
      summary: 'OIDC discovery, version 1',
      contract: '1.2',
      handle: (exchange) => metadata(exchange, 1),
    },
    {
      ...common,
      path: '/:tenant/discovery/instance',
      summary: 'Instance discovery',
      contract: '1.3',
      strict: 'unknown instance 50049',
      handle: (exchange) => {
        const { urls, query } = exchange;
        const endpoint = URL.parse(query.get('authorization_endpoint') ?? '');
        const { host } = new URL(urls.login);
        if (!endpoint || !isKnownInstance(endpoint, host)) {
          const refusal = new Refusal('invalid_instance', 50049, 'Unknown or invalid instance.');
          return refusalReply(exchange, refusal, world.clock());
        }
        const aliases = REAL.includes(host) ? REAL : [host, ...REAL];
        const tenant = endpoint?.pathname.split('/')[1] ?? 'common';
        const body = {
          tenant_discovery_endpoint: `${urls.login}/${tenant}/v2.0/.well-known/openid-configuration`,
          'api-version': '1.1',
          metadata: [{ preferred_network: host, preferred_cache: host, aliases }],
        };
        return { status: 200, headers: METADATA_TTL, body };
      },
    },
    ...['/:tenant/discovery/v2.0/keys', '/:tenant/discovery/keys'].map(
      (path): Route => ({
        ...common,
        path,
        summary: 'Signing keys',
        contract: '1.13',
        strict: 'several keys, no alg',
        handle: ({ urls }) => {
          const keys = world.keys.all.map(({ jwk }) => ({ ...jwk, issuer: `${urls.login}/{tenantid}/v2.0` }));
          return { status: 200, headers: METADATA_TTL, body: { keys } };
        },
      }),
    ),
    {
      ...common,
      path: '/common/userrealm/:user',
      summary: 'Whose account this is',
      contract: '1.7',
      handle: ({ params, query }) => {
        const upn = params.user ?? query.get('user') ?? '';
        const known = world.directory.tenant(upn.split('@')[1] ?? '');
        const body = known
          ? {
              ver: '1.0',
              account_type: 'Managed',
              domain_name: known.domains[0],
              cloud_instance_name: 'microsoftonline.com',
              cloud_audience_urn: 'urn:federation:MicrosoftOnline',
            }
          : { ver: '1.0', account_type: 'Unknown', cloud_instance_name: 'microsoftonline.com' };
        return { status: 200, body };
      },
    },
  ];
}

function describe(exchange: Exchange, segment: string, tenantId: string | undefined, version: 1 | 2) {
  const { login, pages, graph } = exchange.urls;
  const oauth = version === 2 ? 'oauth2/v2.0' : 'oauth2';
  const issuerTenant = tenantId ?? '{tenantid}';
  return {
    issuer: version === 2 ? `${login}/${issuerTenant}/v2.0` : `https://sts.windows.net/${issuerTenant}/`,
    // What a browser opens is on plain http at localhost, so that nobody meets a certificate warning.
    authorization_endpoint: `${pages}/${segment}/${oauth}/authorize`,
    token_endpoint: `${login}/${segment}/${oauth}/token`,
    device_authorization_endpoint: `${login}/${segment}/${oauth}/devicecode`,
    end_session_endpoint: `${pages}/${segment}/${oauth}/logout`,
    jwks_uri: `${login}/${segment}/discovery/v2.0/keys`,
    userinfo_endpoint: `${graph}/oidc/userinfo`,
    token_endpoint_auth_methods_supported: ['client_secret_post', 'private_key_jwt', 'client_secret_basic'],
    response_modes_supported: ['query', 'fragment', 'form_post'],
    response_types_supported: ['code', 'id_token', 'code id_token', 'id_token token'],
    scopes_supported: ['openid', 'profile', 'email', 'offline_access'],
    subject_types_supported: ['pairwise'],
    id_token_signing_alg_values_supported: ['RS256'],
    claims_supported: [
      'sub',
      'iss',
      'cloud_instance_name',
      'aud',
      'exp',
      'iat',
      'auth_time',
      'acr',
      'nonce',
      'preferred_username',
      'name',
      'tid',
      'ver',
      'at_hash',
      'c_hash',
      'email',
    ],
    request_uri_parameter_supported: false,
    http_logout_supported: true,
    frontchannel_logout_supported: true,
    tenant_region_scope: 'EU',
    cloud_instance_name: 'microsoftonline.com',
    cloud_graph_host_name: 'graph.windows.net',
    msgraph_host: 'graph.microsoft.com',
    rbac_url: 'https://pas.windows.net',
  };
}
