/** What an application was granted on one site (Sites.Selected). */
export interface SiteGrant {
  readonly id: string;
  readonly siteId: string;
  readonly appId: string;
  readonly displayName: string;
  roles: readonly string[];
}

/** All such grants; kept in the state directory. */
export interface SiteGrants {
  list(siteId: string): SiteGrant[];
  find(siteId: string, id: string): SiteGrant | undefined;
  add(grant: SiteGrant): void;
  remove(id: string): void;
  rolesOf(siteId: string, appId: string): readonly string[];
  save(): SiteGrant[];
  load(grants: SiteGrant[]): void;
}

export function createSiteGrants(): SiteGrants {
  let grants: SiteGrant[] = [];
  return {
    list: (siteId) => grants.filter((grant) => grant.siteId === siteId),
    find: (siteId, id) => grants.find((grant) => grant.siteId === siteId && grant.id === id),
    add: (grant) => void grants.push(grant),
    remove(id) {
      grants = grants.filter((grant) => grant.id !== id);
    },
    rolesOf: (siteId, appId) =>
      grants
        .filter((grant) => grant.siteId === siteId && grant.appId === appId)
        .flatMap((grant) => grant.roles),
    save: () => grants,
    load(saved) {
      grants = saved;
    },
  };
}
