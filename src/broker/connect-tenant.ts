import type { Config } from '../config.ts';
import { AppError } from '../errors.ts';
import type { Connection, Connections } from './connections.ts';
import type { Entra } from './entra.ts';
import { requireTenantId } from './entra-endpoints.ts';
import { graphResource } from './issued-token.ts';
import { checkToken } from './token-check.ts';
import { missingScopes } from './token-scopes.ts';

export interface TenantToConnect {
  readonly alias: string;
  readonly tenantId: string;
  /** App roles that the token must carry. */
  readonly permissions: readonly string[];
  /** Object id of a person. */
  readonly createdBy: string;
}

/**
 * Makes an app connection to a tenant, proved by an app-only token of that tenant whose roles cover what was asked. Throws
 * `consent_required` when the app is not there or lacks a role, and keeps nothing then.
 */
export type ConnectTenant = (wanted: TenantToConnect) => Promise<Connection>;

export function createConnectTenant(deps: {
  readonly config: Pick<Config, 'entra'>;
  readonly entra: Pick<Entra, 'appToken'>;
  readonly connections: Pick<Connections, 'saveApp'>;
  readonly keyCheck: () => Promise<void>;
}): ConnectTenant {
  return async (wanted) => {
    await deps.keyCheck();
    const tenantId = requireTenantId(wanted.tenantId);
    const grant = await deps.entra.appToken({ tenantId, scope: `${graphResource}/.default` });
    const { objectId, scopes } = checkToken(grant.accessToken, grant.scopes, {
      kind: 'app',
      tenantId,
      objectId: undefined,
      clientId: deps.config.entra.clientId,
      resource: graphResource,
      scopes: [],
    });
    const missing = missingScopes(scopes, wanted.permissions);
    if (missing.length > 0) {
      throw new AppError(
        'consent_required',
        `That tenant has not granted ${missing.join(', ')} to this app. An administrator there must consent.`,
        {
          details: { missing },
        },
      );
    }
    return deps.connections.saveApp({
      alias: wanted.alias,
      tenantId,
      objectId,
      scopes,
      createdBy: wanted.createdBy,
    });
  };
}
