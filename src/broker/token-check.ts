import { decodeJwt } from 'jose';
import { z } from 'zod';
import { AppError } from '../errors.ts';
import { missingScopes, shortScopes } from './token-scopes.ts';

/** The tenant of personal Microsoft accounts. Their Graph tokens are not JWTs. */
export const personalTenantId = '9188040d-6c67-4c5b-b112-36a304b66dad';

const graphAppId = '00000003-0000-0000-c000-000000000000';

export interface Expected {
  readonly kind: 'user' | 'app';
  readonly tenantId: string;
  /** Undefined: not known yet, so whatever the token says. */
  readonly objectId: string | undefined;
  readonly clientId: string;
  readonly resource: string;
  /** Delegated scopes that the token must carry; roles of an app are looked at by those who need them. */
  readonly scopes: readonly string[];
}

export interface CheckedToken {
  readonly tenantId: string;
  readonly objectId: string;
  /** Delegated scopes or app roles, short form. */
  readonly scopes: readonly string[];
  /** As the token itself says (ms); undefined for an opaque one. */
  readonly expiresAt: number | undefined;
}

const claimsSchema = z.looseObject({
  aud: z.union([z.string(), z.array(z.string())]),
  tid: z.string(),
  oid: z.string(),
  appid: z.string().optional(),
  azp: z.string().optional(),
  scp: z.string().optional(),
  roles: z.array(z.string()).optional(),
  idtyp: z.string().optional(),
  exp: z.number().optional(),
});

/**
 * Compares a token with what it was asked for: whoever gave the wrong one (a mixed-up cache, a faulty proxy, a library under
 * load), it goes no further. Nothing is verified by signature: the token came from Entra itself over TLS, and is Graph's to
 * verify. Throws `token_mismatch`, whose `detail` names the member that differs, never its value.
 */
export function checkToken(
  accessToken: string,
  /** Delegated scopes as the token endpoint named them; used where the token is opaque. */
  answeredScopes: readonly string[],
  expected: Expected,
): CheckedToken {
  if (accessToken.split('.').length !== 3) return checkOpaque(answeredScopes, expected);
  const claims = readClaims(accessToken);
  if (!claims) throw tokenMismatch('format');

  if (claims.tid.toLowerCase() !== expected.tenantId.toLowerCase()) throw tokenMismatch('tid');
  if (expected.objectId !== undefined && claims.oid.toLowerCase() !== expected.objectId.toLowerCase()) {
    throw tokenMismatch('oid');
  }
  const audiences = audiencesOf(expected.resource);
  const aud = Array.isArray(claims.aud) ? claims.aud : [claims.aud];
  if (aud.length !== 1 || !audiences.has((aud[0] ?? '').replace(/\/$/, '').toLowerCase()))
    throw tokenMismatch('aud');
  const client = claims.appid ?? claims.azp;
  if (client?.toLowerCase() !== expected.clientId.toLowerCase()) throw tokenMismatch('appid');

  const expiresAt = claims.exp === undefined ? undefined : claims.exp * 1000;
  const { tenantId } = expected;
  if (expected.kind === 'app') {
    if (claims.scp !== undefined || claims.idtyp === 'user') throw tokenMismatch('idtyp');
    return { tenantId, objectId: claims.oid, scopes: [...(claims.roles ?? [])].sort(), expiresAt };
  }
  if (claims.scp === undefined || claims.idtyp === 'app') throw tokenMismatch('idtyp');
  const scopes = shortScopes(claims.scp.split(' ').filter(Boolean), expected.resource);
  if (missingScopes(scopes, expected.scopes).length > 0) throw tokenMismatch('scp');
  return { tenantId, objectId: claims.oid, scopes, expiresAt };
}

/** A personal account's token says nothing; what the answer said around it has to do. */
function checkOpaque(answeredScopes: readonly string[], expected: Expected): CheckedToken {
  const personal = expected.tenantId === personalTenantId && expected.kind === 'user';
  if (!personal || expected.objectId === undefined) throw tokenMismatch('format');
  const scopes = shortScopes(answeredScopes, expected.resource);
  if (missingScopes(scopes, expected.scopes).length > 0) throw tokenMismatch('scope');
  return { tenantId: expected.tenantId, objectId: expected.objectId, scopes, expiresAt: undefined };
}

function readClaims(token: string): z.infer<typeof claimsSchema> | undefined {
  try {
    return claimsSchema.safeParse(decodeJwt(token)).data;
  } catch {
    return undefined;
  }
}

/** The names under which an API may appear in `aud`. */
function audiencesOf(resource: string): ReadonlySet<string> {
  const name = resource.replace(/\/$/, '').toLowerCase();
  const names = new Set([name]);
  const appId = /^api:\/\/([0-9a-f-]{36})$/.exec(name)?.[1];
  if (appId) names.add(appId);
  if (
    /^https:\/\/([\w-]+\.)?graph\.microsoft\.(com|us)$|^https:\/\/microsoftgraph\.chinacloudapi\.cn$/.test(
      name,
    )
  ) {
    names.add(graphAppId);
  }
  return names;
}

/** `member` says what differs; it is for the log. */
export function tokenMismatch(member: string): AppError {
  return new AppError(
    'token_mismatch',
    'Microsoft gave a token that is not the one that was asked for. It was thrown away.',
    { detail: `${member} differs` },
  );
}
