import type { Config } from '../config.ts';
import { AppError } from '../errors.ts';

const guid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** A tenant id in lower case, or `invalid_request`: it becomes part of an address. */
export function requireTenantId(text: string): string {
  if (guid.test(text)) return text.toLowerCase();
  throw new AppError('invalid_request', 'The tenant id must be a GUID.', { details: { field: 'tenantId' } });
}

/**
 * The addresses of one tenant at the identity platform. They are the same in every cloud below its host, so nothing is
 * asked of the network to know them.
 */
export function entraEndpoints(entra: Pick<Config['entra'], 'authorityHost'>, tenantId: string) {
  const authority = `${entra.authorityHost}/${tenantId}`;
  return {
    authority,
    issuer: `${authority}/v2.0`,
    token: `${authority}/oauth2/v2.0/token`,
    deviceCode: `${authority}/oauth2/v2.0/devicecode`,
    authorization: `${authority}/oauth2/v2.0/authorize`,
    endSession: `${authority}/oauth2/v2.0/logout`,
    keys: `${authority}/discovery/v2.0/keys`,
    discovery: `${authority}/v2.0/.well-known/openid-configuration`,
  } as const;
}
