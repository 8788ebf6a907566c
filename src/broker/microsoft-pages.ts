import { z } from 'zod';
import { type Config, isLoopback } from '../config.ts';
import { AppError } from '../errors.ts';
import type { Fetch } from '../ports.ts';
import { entraEndpoints } from './entra-endpoints.ts';
import { fetchJson } from './fetch-json.ts';

/** Addresses of the identity platform that a person's browser opens. */
export interface MicrosoftPages {
  authorize(tenantId: string): Promise<URL>;
  adminConsent(tenant: string): Promise<URL>;
  signOut(tenantId: string): Promise<URL>;
}

const document = z.object({ authorization_endpoint: z.url(), end_session_endpoint: z.url() });

/**
 * Read from the discovery document, once: on this machine the pages for a browser are served from another (plain http)
 * address than the token endpoint. Anywhere else they must be on the authority itself.
 */
export function createMicrosoftPages(deps: {
  readonly entra: Config['entra'];
  readonly fetch: Fetch;
}): MicrosoftPages {
  const { entra, fetch } = deps;
  let known: Promise<z.infer<typeof document>> | undefined;

  async function read(): Promise<z.infer<typeof document>> {
    const { discovery } = entraEndpoints(entra, entra.tenantId);
    const answer = document.safeParse(await fetchJson(fetch, discovery, 'The discovery document'));
    if (!answer.success)
      throw new AppError('upstream_unavailable', 'Microsoft’s discovery document is not as expected.');
    for (const address of Object.values(answer.data)) requireOwn(entra.authorityHost, address);
    return answer.data;
  }

  const pages = () => {
    known ??= read().catch((error: unknown) => {
      known = undefined;
      throw error;
    });
    return known;
  };

  return {
    async authorize(tenantId) {
      const own = new URL((await pages()).authorization_endpoint);
      return tenantId === entra.tenantId
        ? own
        : new URL(`${own.origin}${new URL(entraEndpoints(entra, tenantId).authorization).pathname}`);
    },
    signOut: async () => new URL((await pages()).end_session_endpoint),
    adminConsent: async (tenant) =>
      new URL(
        `${new URL((await pages()).authorization_endpoint).origin}/${encodeURIComponent(tenant)}/v2.0/adminconsent`,
      ),
  };
}

function requireOwn(authorityHost: string, address: string): void {
  const authority = new URL(authorityHost);
  const page = new URL(address);
  if (page.origin === authority.origin || (isLoopback(authority) && isLoopback(page))) return;
  throw new AppError(
    'broker_misconfigured',
    'The discovery document leads browsers to another host than the authority.',
    {
      detail: `page host ${page.host}`,
    },
  );
}
