import { z } from 'zod';
import { apiScope } from '../broker/authorization/public-clients.ts';
import type { Ports } from '../ports.ts';
import type { ApiOperation } from './api-operation.ts';
import { type Handler, json, withApiErrors } from './http.ts';
import { grantTypes } from './oauth-grants.ts';

export const metadataOperations: readonly ApiOperation[] = [
  {
    method: 'GET',
    path: '/.well-known/oauth-authorization-server',
    summary: 'Where the endpoints of this authorization server are and what they offer (RFC 8414)',
    auth: 'none',
    response: z.looseObject({
      issuer: z.url(),
      token_endpoint: z.url(),
      grant_types_supported: z.array(z.string()),
      is_pop_supported: z.literal(false).describe('Tokens are bearer tokens; none is bound to a key'),
    }),
  },
];

export function createMetadata(deps: {
  readonly publicUrl: string;
  readonly ports: Pick<Ports, 'log' | 'random'>;
}): Handler {
  const { publicUrl, ports } = deps;
  return withApiErrors(
    async () =>
      json(
        200,
        {
          issuer: publicUrl,
          authorization_endpoint: `${publicUrl}/oauth2/authorize`,
          device_authorization_endpoint: `${publicUrl}/oauth2/device_authorization`,
          token_endpoint: `${publicUrl}/oauth2/token`,
          revocation_endpoint: `${publicUrl}/oauth2/revoke`,
          grant_types_supported: Object.values(grantTypes),
          token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post', 'none'],
          revocation_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post', 'none'],
          response_types_supported: ['code'],
          response_modes_supported: ['query'],
          code_challenge_methods_supported: ['S256'],
          authorization_response_iss_parameter_supported: true,
          scopes_supported: [apiScope],
          // Microsoft’s library for Node gives bearer tokens whatever is asked, so nothing else is promised here.
          is_pop_supported: false,
          service_documentation: `${publicUrl}/api/openapi.json`,
        },
        { 'cache-control': 'public, max-age=3600' },
      ),
    ports,
  );
}
