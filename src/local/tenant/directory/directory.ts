import type { Application, DirectoryData, ServicePrincipal, TenantRecord, User } from './types.ts';
import { PERSONAL_TENANT } from './types.ts';

/** The one in-memory directory. Records are live objects: change them in place, then call `changed()`. */
export interface Directory {
  readonly data: DirectoryData;
  /** By GUID or verified domain, in any case. `consumers` is the personal tenant. */
  tenant(idOrDomain: string): TenantRecord | undefined;
  users(tenantId: string): User[];
  /** By object id or UPN, in any case. */
  user(tenantId: string, idOrUpn: string): User | undefined;
  /** In whatever tenant the person lives. */
  findUser(idOrUpn: string): User | undefined;
  application(appId: string): Application | undefined;
  servicePrincipal(tenantId: string, appId: string): ServicePrincipal | undefined;
  principalById(id: string): ServicePrincipal | undefined;
  /** Application permissions that a service principal holds on a resource. */
  rolesOf(principalId: string, resourceAppId: string): string[];
  /** Delegated permissions that a client holds for a user: the tenant-wide ones and the user's own. */
  scopesOf(clientPrincipalId: string, resourceAppId: string, userId: string): string[];
  /** Says that something changed, so that it is saved. */
  changed(): void;
  load(data: DirectoryData): void;
}

export function createDirectory(initial: DirectoryData, onChange: () => void): Directory {
  let data = initial;
  const same = (a: string, b: string) => a.toLowerCase() === b.toLowerCase();
  const isUser = (user: User, key: string) => same(user.id, key) || same(user.upn, key);
  return {
    get data() {
      return data;
    },
    tenant(key) {
      const wanted = same(key, 'consumers') ? PERSONAL_TENANT : key;
      return data.tenants.find((t) => same(t.id, wanted) || t.domains.some((domain) => same(domain, wanted)));
    },
    users: (tenantId) => data.users.filter((user) => user.tenantId === tenantId),
    user: (tenantId, key) => data.users.find((user) => user.tenantId === tenantId && isUser(user, key)),
    findUser: (key) => data.users.find((user) => isUser(user, key)),
    application: (appId) => data.applications.find((app) => same(app.appId, appId)),
    servicePrincipal: (tenantId, appId) =>
      data.servicePrincipals.find((sp) => sp.tenantId === tenantId && same(sp.appId, appId)),
    principalById: (id) => data.servicePrincipals.find((sp) => sp.id === id),
    rolesOf: (principalId, resourceAppId) =>
      data.roleGrants
        .filter((grant) => grant.principalId === principalId && grant.resourceAppId === resourceAppId)
        .map((grant) => grant.role),
    scopesOf(clientPrincipalId, resourceAppId, userId) {
      const found = new Set<string>();
      for (const grant of data.scopeGrants) {
        if (grant.clientId !== clientPrincipalId || grant.resourceAppId !== resourceAppId) continue;
        if (grant.userId === null || grant.userId === userId)
          for (const scope of grant.scopes) found.add(scope);
      }
      return [...found];
    },
    changed: onChange,
    load(loaded) {
      data = loaded;
    },
  };
}
