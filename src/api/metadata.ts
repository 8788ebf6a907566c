import { z } from 'zod';
import type { Ports } from '../ports.ts';
import type { ApiOperation } from './api-operation.ts';
import { type Handler, json, withApiErrors } from './http.ts';
import { grantTypes } from './oauth-grants.ts';

export const metadataOperations: readonly ApiOperation[] = [
  {
    method: 'GET',
    path: '/.well-known/oauth-authorization-server',
    summary: 'Where the token endpoint is and what it offers (RFC 8414)',
    auth: 'none',
    response: z.looseObject({
      issuer: z.url(),
      token_endpoint: z.url(),
      grant_types_supported: z.array(z.string()),
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
          token_endpoint: `${publicUrl}/oauth2/token`,
          grant_types_supported: Object.values(grantTypes),
          token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post', 'none'],
          response_types_supported: [],
          service_documentation: `${publicUrl}/api/openapi.json`,
        },
        { 'cache-control': 'public, max-age=3600' },
      ),
    ports,
  );
}
