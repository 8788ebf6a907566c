import type { Directory } from '../directory/directory.ts';
import { OIDC_SCOPES } from '../directory/known-permissions.ts';
import { Refusal } from './aadsts.ts';
import { findResource, type Resource } from './resources.ts';

/** A scope parameter, taken apart. */
export interface AskedScopes {
  /** `openid`, `profile`, `email`, `offline_access`. */
  readonly oidc: readonly string[];
  /** The first API that was named; Graph when there were OIDC scopes only. */
  readonly resource: Resource;
  /** Names without the API in front. */
  readonly scopes: readonly string[];
  /** `/.default` was asked. */
  readonly everything: boolean;
}

/** Throws 70011 for a malformed or mixed scope, 500011 for an API that is not there. */
export function readScopes(
  directory: Directory,
  text: string,
  options: { readonly severalResources?: boolean } = {},
): AskedScopes {
  const words = [...new Set(text.split(/\s+/).filter(Boolean))];
  const oidc = words
    .filter((word) => OIDC_SCOPES.includes(word.toLowerCase()))
    .map((word) => word.toLowerCase());
  const found: { resource: Resource; name: string }[] = [];
  for (const word of words) {
    if (OIDC_SCOPES.includes(word.toLowerCase())) continue;
    const cut = word.lastIndexOf('/');
    const where = cut < 0 ? 'https://graph.microsoft.com' : word.slice(0, cut);
    const resource = findResource(directory, where);
    if (!resource) {
      throw new Refusal(
        'invalid_resource',
        500011,
        `The resource principal named ${where} was not found in the tenant. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant.`,
      );
    }
    found.push({ resource, name: word.slice(cut + 1) });
  }
  const resource = found[0]?.resource ?? findResource(directory, 'https://graph.microsoft.com');
  if (!resource) throw new Error('Graph is not a known resource');
  const mixed = found.some((one) => one.resource.appId !== resource.appId);
  if (mixed && !options.severalResources) {
    throw new Refusal(
      'invalid_scope',
      70011,
      `The provided request must include a 'scope' input parameter. The provided value for the input parameter 'scope' is not valid. The scope ${text} is not valid. static scope limit exceeded.`,
    );
  }
  const own = found.filter((one) => one.resource.appId === resource.appId).map((one) => one.name);
  const everything = own.some((name) => name.toLowerCase() === '.default');
  if (everything && own.length > 1) {
    throw new Refusal(
      'invalid_scope',
      70011,
      `The provided value for the input parameter 'scope' is not valid. .default scope can't be combined with resource-specific scopes.`,
    );
  }
  return { oidc, resource, scopes: everything ? [] : own, everything };
}
