/** The tenant in which all personal Microsoft accounts live. */
export const PERSONAL_TENANT = '9188040d-6c67-4c5b-b112-36a304b66dad';
/** appId of Microsoft Graph as a resource. */
export const GRAPH_APP = '00000003-0000-0000-c000-000000000000';
/** appId of Azure Key Vault as a resource. */
export const VAULT_APP = 'cfa8b339-82a2-471a-a3c9-0fc0be7a4093';
/** appId behind the audience api://AzureADTokenExchange. */
export const TOKEN_EXCHANGE_APP = 'fb60f99c-7a34-4190-8149-302f77469936';

export interface TenantRecord {
  readonly id: string;
  readonly kind: 'work' | 'personal';
  displayName: string;
  /** Verified domains, the default one first. */
  domains: string[];
  /** Host of the SharePoint sites and of the OneDrives, such as contoso.sharepoint.com. */
  sharePointHost: string;
  oneDriveHost: string;
  /** False: users may consent to nothing themselves. */
  userConsent: boolean;
  readonly createdDateTime: string;
}

export interface User {
  readonly id: string;
  readonly tenantId: string;
  upn: string;
  displayName: string;
  givenName: string;
  surname: string;
  mail: string;
  jobTitle: string;
  department: string;
  officeLocation: string;
  password: string;
  enabled: boolean;
  passwordExpired: boolean;
  locked: boolean;
  /** Holds the role Global Administrator. */
  admin: boolean;
  /** A second factor is asked at each fresh sign-in. */
  mfa: boolean;
  readonly driveId: string;
  readonly createdDateTime: string;
  /** Epoch seconds: refresh tokens and sessions older than this are void. */
  sessionsValidFrom: number;
}

export interface Site {
  readonly id: string;
  readonly tenantId: string;
  displayName: string;
  /** Server-relative, such as /sites/Finance. */
  readonly path: string;
  readonly webUrl: string;
  description: string;
  /** The library "Documents". */
  readonly driveId: string;
  readonly createdDateTime: string;
}

export interface AppSecret {
  readonly keyId: string;
  displayName: string;
  readonly secretText: string;
  startDateTime: string;
  endDateTime: string;
}

export interface AppCertificate {
  readonly keyId: string;
  displayName: string;
  readonly pem: string;
  startDateTime: string;
  endDateTime: string;
}

export interface FederatedCredential {
  readonly id: string;
  name: string;
  issuer: string;
  subject: string;
  audience: string;
}

export type SignInAudience =
  | 'AzureADMyOrg'
  | 'AzureADMultipleOrgs'
  | 'AzureADandPersonalMicrosoftAccount'
  | 'PersonalMicrosoftAccount';

/** An application registration; it lives in one tenant. */
export interface Application {
  /** Object id; `appId` is the client id. */
  readonly id: string;
  readonly appId: string;
  readonly tenantId: string;
  displayName: string;
  signInAudience: SignInAudience;
  identifierUris: string[];
  redirectUris: { web: string[]; spa: string[]; publicClient: string[] };
  logoutUrl: string | null;
  /** "Allow public client flows". */
  allowPublicClient: boolean;
  implicitIdToken: boolean;
  secrets: AppSecret[];
  certificates: AppCertificate[];
  federated: FederatedCredential[];
  /** Delegated scopes and application roles that this app offers as an API. */
  exposes: { scopes: string[]; roles: string[] };
  /** What `/.default` and the v1 admin consent page ask for. */
  requires: RequiredAccess[];
  readonly createdDateTime: string;
}

export interface RequiredAccess {
  readonly resourceAppId: string;
  readonly scopes: readonly string[];
  readonly roles: readonly string[];
}

export interface ServicePrincipal {
  readonly id: string;
  readonly appId: string;
  readonly tenantId: string;
  displayName: string;
  readonly kind: 'Application' | 'ManagedIdentity';
  enabled: boolean;
  /** Users (and apps) need an assignment to use it. */
  assignmentRequired: boolean;
  assigned: string[];
  readonly createdDateTime: string;
}

/** An application permission: `principalId` (a service principal) holds `role` on a resource of its tenant. */
export interface RoleGrant {
  readonly id: string;
  readonly principalId: string;
  readonly resourceAppId: string;
  readonly role: string;
  readonly createdDateTime: string;
}

/** Delegated permissions of a client: for one user, or for everybody when `userId` is null. */
export interface ScopeGrant {
  readonly id: string;
  /** Object id of the client's service principal. */
  readonly clientId: string;
  readonly resourceAppId: string;
  readonly userId: string | null;
  scopes: string[];
}

/** Everything the directory holds; plain data, kept in the state directory as it is. */
export interface DirectoryData {
  tenants: TenantRecord[];
  users: User[];
  sites: Site[];
  applications: Application[];
  servicePrincipals: ServicePrincipal[];
  roleGrants: RoleGrant[];
  scopeGrants: ScopeGrant[];
  /** What the first line of `--json` names. */
  main: {
    tenantId: string;
    clientId: string;
    managedIdentityId: string;
    identityHeader: string;
    siteId: string;
    /** The synthetic drive; it belongs to the site's tenant. */
    bigDriveId: string;
    partnerTenantId: string;
  };
}
