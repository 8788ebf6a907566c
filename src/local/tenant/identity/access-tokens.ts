import { createHash, randomBytes } from 'node:crypto';
import type { Directory } from '../directory/directory.ts';
import type { ServicePrincipal, User } from '../directory/types.ts';
import { GRAPH_APP, PERSONAL_TENANT } from '../directory/types.ts';
import type { Resource } from './resources.ts';
import type { SwitchBoard } from './switches.ts';
import type { Tokens } from './tokens.ts';

/** How the client proved itself: 0 not at all, 1 by a secret, 2 by a key. */
export type ClientProof = '0' | '1' | '2';

export interface IssuedAccessToken {
  readonly token: string;
  /** Lifetime in seconds. */
  readonly seconds: number;
}

export interface AccessTokens {
  ofApp(ask: {
    readonly tenantId: string;
    readonly principal: ServicePrincipal;
    readonly resource: Resource;
    readonly proof: ClientProof;
    readonly seconds?: number;
  }): Promise<IssuedAccessToken>;
  ofUser(ask: {
    readonly user: User;
    readonly tenantId: string;
    readonly clientId: string;
    readonly resource: Resource;
    readonly scopes: readonly string[];
    readonly proof: ClientProof;
    /** The client declared cp1 in a claims request. */
    readonly capable: boolean;
    readonly methods: readonly string[];
  }): Promise<IssuedAccessToken>;
}

/** Where Azure keeps a managed identity. */
export function resourceIdOf({ displayName }: ServicePrincipal): string {
  return `/subscriptions/00000000-0000-0000-0000-000000000001/resourcegroups/local/providers/Microsoft.ManagedIdentity/userAssignedIdentities/${displayName}`;
}

/** Access tokens as each API wants them: version 1 for Graph and Key Vault, version 2 for own APIs, opaque for personal accounts. */
export function createAccessTokens(parts: {
  readonly tokens: Tokens;
  readonly directory: Directory;
  readonly switches: SwitchBoard;
  readonly clock: () => number;
  readonly random: () => number;
}): AccessTokens {
  const { tokens, directory, switches, clock } = parts;

  function lifetime(capable: boolean): number {
    const { accessTokenSeconds, caeTokenSeconds } = switches.get();
    if (capable) return caeTokenSeconds ?? accessTokenSeconds ?? 86_400;
    return accessTokenSeconds ?? 3600 + Math.floor(parts.random() * 1800);
  }

  function times(seconds: number) {
    const now = Math.floor(clock() / 1000);
    return { iat: now, nbf: now, exp: now + Math.floor(seconds) };
  }

  const nameOf = (appId: string) =>
    directory.data.servicePrincipals.find((one) => one.appId === appId)?.displayName ?? appId;

  function common(resource: Resource, tenantId: string, appId: string, proof: ClientProof) {
    const own = {
      uti: randomBytes(16).toString('base64url'),
      aio: randomBytes(24).toString('base64url'),
      rh: `1.${randomBytes(24).toString('base64url')}`,
      tid: tenantId,
    };
    return resource.version === 1
      ? {
          ...own,
          aud:
            resource.audience === 'https://graph.microsoft.com'
              ? switches.get().graphAudience
              : resource.audience,
          iss: `https://sts.windows.net/${tenantId}/`,
          appid: appId,
          appidacr: proof,
          ver: '1.0',
          ...(resource.appId === GRAPH_APP ? { app_displayname: nameOf(appId) } : {}),
        }
      : {
          ...own,
          aud: resource.audience,
          iss: `https://login.microsoftonline.com/${tenantId}/v2.0`,
          azp: appId,
          azpacr: proof,
          ver: '2.0',
        };
  }

  const header = (resource: Resource) =>
    resource.version === 1 ? { nonce: randomBytes(32).toString('base64url') } : {};

  return {
    async ofApp({ tenantId, principal, resource, proof, seconds = lifetime(false) }) {
      const since = clock() - switches.get().consentDelaySeconds * 1000;
      const roles = directory.data.roleGrants
        .filter((grant) => grant.principalId === principal.id && grant.resourceAppId === resource.appId)
        .filter((grant) => Date.parse(grant.createdDateTime) <= since)
        .map((grant) => grant.role);
      const claims = {
        ...common(resource, tenantId, principal.appId, proof),
        ...times(seconds),
        oid: principal.id,
        sub: principal.id,
        idtyp: 'app',
        ...(roles.length > 0 ? { roles } : {}),
        ...(principal.kind === 'ManagedIdentity' ? { xms_mirid: resourceIdOf(principal) } : {}),
      };
      return { token: await tokens.sign(claims, header(resource)), seconds: Math.floor(seconds) };
    },

    async ofUser({ user, tenantId, clientId, resource, scopes, proof, capable, methods }) {
      const seconds = Math.floor(lifetime(capable));
      const claims = {
        ...common(resource, tenantId, clientId, proof),
        ...times(seconds),
        oid: user.id,
        // Pairwise: the same person has another one at another API.
        sub: createHash('sha256').update(`${resource.appId} ${user.id}`).digest('base64url'),
        scp: scopes.join(' '),
        idtyp: 'user',
        amr: [...methods],
        name: user.displayName,
        ...(resource.version === 1
          ? { upn: user.upn, unique_name: user.upn, given_name: user.givenName, family_name: user.surname }
          : { preferred_username: user.upn }),
        ...(capable ? { xms_cc: ['CP1'] } : {}),
      };
      const opaque = tenantId === PERSONAL_TENANT && resource.version === 1;
      const token = opaque ? tokens.seal(claims) : await tokens.sign(claims, header(resource));
      return { token, seconds };
    },
  };
}
