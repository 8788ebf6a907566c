import type { Directory } from '../directory/directory.ts';
import type { Application, TenantRecord, User } from '../directory/types.ts';
import { PERSONAL_TENANT } from '../directory/types.ts';
import { Refusal } from './aadsts.ts';

/** The tenant segment of an address: one tenant, or whoever may sign in at a shared one. */
export type Authority =
  | { readonly kind: 'tenant'; readonly tenant: TenantRecord; readonly segment: string }
  | { readonly kind: 'common' | 'organizations'; readonly segment: string };

/** Throws 90002 for a tenant that does not exist. */
export function readAuthority(directory: Directory, segment: string): Authority {
  const name = segment.toLowerCase();
  if (name === 'common' || name === 'organizations') return { kind: name, segment };
  const tenant = directory.tenant(segment);
  if (tenant) return { kind: 'tenant', tenant, segment };
  throw new Refusal(
    'invalid_request',
    90002,
    `Tenant '${segment}' not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud.`,
  );
}

/** The registration, if it can be used at this authority. Throws 700016, 50194 or 9002332. */
export function readClient(directory: Directory, authority: Authority, clientId: string): Application {
  const app = directory.application(clientId);
  if (!app) {
    throw new Refusal(
      'unauthorized_client',
      700016,
      `Application with identifier '${clientId}' was not found in the directory. It has neither been installed by an administrator of the tenant nor consented to by any user.`,
    );
  }
  const multi = app.signInAudience !== 'AzureADMyOrg';
  if (authority.kind !== 'tenant') {
    if (multi) return app;
    throw new Refusal(
      'invalid_request',
      50194,
      `Application '${clientId}'(${app.displayName}) is not configured as a multi-tenant application. Usage of the /common endpoint is not supported for such apps.`,
    );
  }
  const personal = authority.tenant.kind === 'personal';
  if (personal && !allowsPersonal(app)) {
    throw new Refusal(
      'invalid_request',
      9002332,
      `Application '${clientId}' is configured for use by Azure Active Directory users only. Please do not use the /consumers endpoint to serve this request.`,
    );
  }
  if (!personal && !multi && app.tenantId !== authority.tenant.id) {
    throw new Refusal(
      'unauthorized_client',
      700016,
      `Application with identifier '${clientId}' was not found in the directory '${authority.tenant.displayName}'.`,
    );
  }
  return app;
}

export function allowsPersonal(app: Application): boolean {
  return (
    app.signInAudience === 'AzureADandPersonalMicrosoftAccount' ||
    app.signInAudience === 'PersonalMicrosoftAccount'
  );
}

/** One name for each authority, however the client spelled it. */
export function canonicalSegment(authority: Authority): string {
  return authority.kind === 'tenant' ? authority.tenant.id : authority.kind;
}

/** True when this person may sign in to this app at this authority. */
export function mayEnter(authority: Authority, app: Application, user: User): boolean {
  const personal = user.tenantId === PERSONAL_TENANT;
  if (authority.kind === 'tenant')
    return authority.tenant.id === user.tenantId && (!personal || allowsPersonal(app));
  if (authority.kind === 'organizations') return !personal;
  return !personal || allowsPersonal(app);
}

/** Throws 50020 or 500208 when this person can't get tokens at this authority (there are no guests). */
export function checkEntrance(authority: Authority, app: Application, user: User): void {
  if (mayEnter(authority, app, user)) return;
  if (user.tenantId === PERSONAL_TENANT) {
    throw new Refusal(
      'invalid_grant',
      500208,
      'The domain is not a valid login domain for the account type: this authority does not allow personal accounts.',
    );
  }
  throw new Refusal(
    'invalid_grant',
    50020,
    `User account '${user.upn}' from identity provider 'https://sts.windows.net/${user.tenantId}/' does not exist in tenant '${authority.segment}' and cannot access the application '${app.appId}' in that tenant.`,
  );
}
