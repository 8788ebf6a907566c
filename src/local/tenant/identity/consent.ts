import { randomBytes } from 'node:crypto';
import type { Directory } from '../directory/directory.ts';
import { GRAPH_SCOPES } from '../directory/known-permissions.ts';
import { servicePrincipalOf } from '../directory/seed.ts';
import type { Application, ServicePrincipal, User } from '../directory/types.ts';
import { GRAPH_APP } from '../directory/types.ts';
import type { Seeded } from '../seed.ts';
import { Refusal } from './aadsts.ts';
import type { Resource } from './resources.ts';
import type { AskedScopes } from './scopes.ts';

/** What has been consented to, and what happens when somebody consents. */
export interface Consent {
  /** Delegated scopes of a resource that the client may get for this person. */
  granted(app: Application, user: User, resource: Resource): string[];
  /** What is asked but not granted yet. Throws 70011 for a scope that the API does not offer. */
  missing(app: Application, user: User, asked: AskedScopes): string[];
  /** True when an administrator must agree to one of these. */
  needsAdministrator(user: User, resource: Resource, scopes: readonly string[]): boolean;
  grantUser(app: Application, user: User, resource: Resource, scopes: readonly string[]): void;
  /** Everything that the registration asks for, for a whole tenant: scopes and application permissions. */
  grantTenant(app: Application, tenantId: string): void;
  principal(app: Application, tenantId: string): ServicePrincipal | undefined;
}

export function createConsent(parts: {
  readonly directory: Directory;
  readonly seeded: Seeded;
  readonly clock: () => number;
}): Consent {
  const { directory, seeded, clock } = parts;

  function ensurePrincipal(app: Application, tenantId: string): ServicePrincipal {
    const known = directory.servicePrincipal(tenantId, app.appId);
    if (known) return known;
    const made = servicePrincipalOf(seeded, app, tenantId);
    directory.data.servicePrincipals.push(made);
    return made;
  }

  function addScopes(
    clientId: string,
    resourceAppId: string,
    userId: string | null,
    scopes: readonly string[],
  ) {
    const old = directory.data.scopeGrants.find(
      (grant) =>
        grant.clientId === clientId && grant.resourceAppId === resourceAppId && grant.userId === userId,
    );
    if (old) old.scopes = [...new Set([...old.scopes, ...scopes])];
    else {
      const id = randomBytes(32).toString('base64url');
      directory.data.scopeGrants.push({ id, clientId, resourceAppId, userId, scopes: [...scopes] });
    }
  }

  const consent: Consent = {
    principal: (app, tenantId) => directory.servicePrincipal(tenantId, app.appId),

    granted(app, user, resource) {
      const principal = directory.servicePrincipal(user.tenantId, app.appId);
      return principal ? directory.scopesOf(principal.id, resource.appId, user.id) : [];
    },

    missing(app, user, { resource, scopes, everything }) {
      const has = consent.granted(app, user, resource).map((scope) => scope.toLowerCase());
      const wanted = everything
        ? app.requires.filter((one) => one.resourceAppId === resource.appId).flatMap((one) => one.scopes)
        : scopes;
      checkOffered({ resource, scopes: wanted });
      if (everything && has.length > 0) return [];
      return wanted.filter((scope) => !has.includes(scope.toLowerCase()));
    },

    needsAdministrator(user, resource, scopes) {
      if (user.admin) return false;
      const tenant = directory.tenant(user.tenantId);
      if (tenant?.kind === 'personal') return false;
      if (tenant && !tenant.userConsent) return true;
      return (
        resource.appId === GRAPH_APP && scopes.some((scope) => GRAPH_SCOPES[canonical(scope)] === 'admin')
      );
    },

    grantUser(app, user, resource, scopes) {
      addScopes(ensurePrincipal(app, user.tenantId).id, resource.appId, user.id, scopes.map(canonical));
      directory.changed();
    },

    grantTenant(app, tenantId) {
      const principal = ensurePrincipal(app, tenantId);
      for (const { resourceAppId, scopes, roles } of app.requires) {
        addScopes(principal.id, resourceAppId, null, scopes);
        for (const role of roles) {
          if (directory.rolesOf(principal.id, resourceAppId).includes(role)) continue;
          directory.data.roleGrants.push({
            id: randomBytes(32).toString('base64url'),
            principalId: principal.id,
            resourceAppId,
            role,
            createdDateTime: new Date(clock()).toISOString(),
          });
        }
      }
      directory.changed();
    },
  };
  return consent;
}

/** Throws 70011 for a scope that the API does not offer. */
export function checkOffered({ resource, scopes }: Pick<AskedScopes, 'resource' | 'scopes'>): void {
  const unknown = scopes.find((scope) => !offers(resource, scope));
  if (unknown === undefined) return;
  throw new Refusal(
    'invalid_scope',
    70011,
    `The provided value for the input parameter 'scope' is not valid. The scope '${unknown}' does not exist on the resource.`,
  );
}

function offers(resource: Resource, scope: string): boolean {
  if (resource.application) return resource.application.exposes.scopes.includes(scope);
  return resource.appId !== GRAPH_APP || GRAPH_SCOPES[canonical(scope)] !== undefined;
}

/** Scope names match in any case; tokens carry them as Graph spells them. */
function canonical(scope: string): string {
  return Object.keys(GRAPH_SCOPES).find((name) => name.toLowerCase() === scope.toLowerCase()) ?? scope;
}
