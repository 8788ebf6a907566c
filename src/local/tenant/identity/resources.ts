import type { Directory } from '../directory/directory.ts';
import type { Application } from '../directory/types.ts';
import { GRAPH_APP, TOKEN_EXCHANGE_APP, VAULT_APP } from '../directory/types.ts';

/** An API that tokens are for. */
export interface Resource {
  readonly appId: string;
  /** The `aud` of its tokens. */
  readonly audience: string;
  /** Graph, Key Vault and token exchange want version 1 tokens, own APIs version 2. */
  readonly version: 1 | 2;
  /** The registration of an own API. */
  readonly application?: Application;
}

const GRAPH: Resource = { appId: GRAPH_APP, audience: 'https://graph.microsoft.com', version: 1 };
const VAULT: Resource = { appId: VAULT_APP, audience: 'https://vault.azure.net', version: 1 };
const EXCHANGE: Resource = { appId: TOKEN_EXCHANGE_APP, audience: TOKEN_EXCHANGE_APP, version: 2 };

const KNOWN: Readonly<Record<string, Resource>> = {
  'https://graph.microsoft.com': GRAPH,
  [GRAPH_APP]: GRAPH,
  'https://vault.azure.net': VAULT,
  [VAULT_APP]: VAULT,
  'api://azureadtokenexchange': EXCHANGE,
  [TOKEN_EXCHANGE_APP]: EXCHANGE,
};

/** Finds an API by its identifier URI or app id; undefined for one that no registration offers. */
export function findResource(directory: Directory, name: string): Resource | undefined {
  const wanted = name.replace(/\/+$/, '').toLowerCase();
  const known = KNOWN[wanted];
  if (known) return known;
  const application = directory.data.applications.find(
    (app) =>
      app.appId.toLowerCase() === wanted ||
      app.identifierUris.some((uri) => uri.replace(/\/+$/, '').toLowerCase() === wanted),
  );
  return application && { appId: application.appId, audience: application.appId, version: 2, application };
}
