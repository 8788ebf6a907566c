import { AppError } from '../errors.ts';

/** Scopes of OpenID Connect: they belong to no API and are never part of what a token for one carries. */
const openIdScopes = new Set(['openid', 'profile', 'email', 'offline_access']);

/**
 * Scopes in short form (`Files.Read`), without those of OpenID Connect, each once, sorted. Throws `invalid_scope` for a
 * scope of another API or one that no API could have.
 */
export function shortScopes(scopes: Iterable<string>, resource: string): string[] {
  const prefix = `${resource.replace(/\/$/, '').toLowerCase()}/`;
  const short = new Map<string, string>();
  for (const scope of scopes) {
    if (openIdScopes.has(scope.toLowerCase())) continue;
    const name = scope.toLowerCase().startsWith(prefix) ? scope.slice(prefix.length) : scope;
    if (!/^[\w.-]{1,128}$/.test(name)) {
      throw new AppError('invalid_scope', `A scope that was asked for is not one of ${resource}.`);
    }
    if (name !== '.default') short.set(name.toLowerCase(), name);
  }
  return [...short.values()].sort();
}

/** True when every wanted scope is held; letter case doesn't count, as at Entra. */
export function coversScopes(held: readonly string[], wanted: readonly string[]): boolean {
  return missingScopes(held, wanted).length === 0;
}

export function missingScopes(held: readonly string[], wanted: readonly string[]): string[] {
  if (wanted.length === 0) return [];
  const names = new Set(held.map((scope) => scope.toLowerCase()));
  return wanted.filter((scope) => !names.has(scope.toLowerCase()));
}

/** How Entra is asked: each scope with its resource in front, or `.default` for all. */
export function wireScopes(scopes: readonly string[], resource: string): string[] {
  const base = resource.replace(/\/$/, '');
  return scopes.length > 0 ? scopes.map((scope) => `${base}/${scope}`) : [`${base}/.default`];
}

/** The identifier of an API as it is compared and stored. Throws `invalid_target`. */
export function requireResource(resource: string): string {
  const trimmed = resource.replace(/\/$/, '');
  const shape =
    /^(?:https:\/\/[a-z0-9.-]+(?::\d+)?(?:\/[\w./-]*)?|api:\/\/[\w.-]+(?:\/[\w./-]*)?|[0-9a-f-]{36})$/i;
  if (trimmed.length > 200 || !shape.test(trimmed)) {
    throw new AppError(
      'invalid_target',
      'The resource must be the identifier of an API, such as https://graph.microsoft.com.',
    );
  }
  return trimmed;
}
