/** Names of permissions of Microsoft Graph, in the short form: `Files.Read`, `.default`. */

const graphPrefix = /^https:\/\/graph\.microsoft\.com\/+/i;

/** In every delegated token of OpenID Connect; they open nothing of Graph. */
const identityScopes = new Set(['openid', 'profile', 'email', 'offline_access']);

export const allScopes = '.default';

/** `https://graph.microsoft.com/Files.Read` and `Files.Read` are the same permission. */
export function normaliseScope(scope: string): string {
  return scope.replace(graphPrefix, '');
}

/** The scopes of a space-separated list, each once, in the short form. */
export function parseScopes(text: string): string[] {
  return [...new Set(text.split(' ').filter(Boolean).map(normaliseScope))];
}

/** Those of `scopes` that `granted` does not allow. Entra compares scope names without case. */
export function scopesBeyond(scopes: readonly string[], granted: readonly string[]): string[] {
  if (granted.includes(allScopes)) return [];
  const allowed = new Set(granted.map((scope) => scope.toLowerCase()));
  return scopes.filter((scope) => {
    const name = normaliseScope(scope).toLowerCase();
    return !identityScopes.has(name) && !allowed.has(name);
  });
}
