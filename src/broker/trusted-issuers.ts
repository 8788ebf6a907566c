import { type Config, isLoopback } from '../config.ts';
import { AppError } from '../errors.ts';
import type { Clock, Fetch } from '../ports.ts';
import { entraEndpoints } from './entra-endpoints.ts';
import { createIssuerKeys, type IssuerKeys } from './issuer-keys.ts';
import { azurePipelinesHost } from './policy.ts';
import { addressProblem } from './public-address.ts';

/** An issuer whose tokens prove a caller. */
export interface TrustedIssuer {
  /** How policies and the audit name it. */
  readonly name: string;
  /** One of them must be the token's audience. */
  readonly audiences: readonly string[];
  readonly keys: IssuerKeys;
  /** A token that was issued longer ago is refused, whatever it says. */
  readonly maxAgeSeconds: number;
  /** Set for Entra: the tenant, whose apps alone are accepted; a person's token is not a caller. */
  readonly tenantId?: string;
}

/** Azure Pipelines can't be told for whom its tokens are: they all name this audience. */
const exchangeAudience = 'api://AzureADTokenExchange';

/** The longest that a token is believed: a managed identity's lives 24 hours. */
const dayInSeconds = 24 * 60 * 60;

export interface TrustedIssuersDeps {
  readonly config: Pick<Config, 'entra' | 'inAzure' | 'publicUrl' | 'trustedIssuers'>;
  readonly fetch: Fetch;
  readonly clock: Clock;
}

/**
 * By the text of `iss`: those of the settings, whose tokens must be made for this installation's public URL, and the
 * installation's own Entra tenant, whose tokens must be made for its app registration. Throws `setting_invalid`.
 */
export function createTrustedIssuers(deps: TrustedIssuersDeps): ReadonlyMap<string, TrustedIssuer> {
  const { config } = deps;
  const allowLoopback = !config.inAzure && isLoopback(new URL(config.publicUrl));
  const found = new Map<string, TrustedIssuer>();
  for (const issuer of config.trustedIssuers) {
    const problem = addressProblem(issuer, allowLoopback);
    if (problem) {
      throw new AppError('setting_invalid', `GRAPH_VALET_TRUSTED_ISSUERS: ${issuer} ${problem}.`);
    }
    const pipelines = new URL(issuer).hostname === azurePipelinesHost;
    found.set(issuer, {
      name: issuer,
      audiences: pipelines ? [config.publicUrl, exchangeAudience] : [config.publicUrl],
      keys: createIssuerKeys({ issuer, allowLoopback, ...deps }),
      maxAgeSeconds: pipelines ? 600 : dayInSeconds,
    });
  }
  const own = ownTenant(deps);
  for (const issuer of ownIssuers(config.entra)) found.set(issuer, own);
  return found;
}

function ownTenant({ config, fetch, clock }: TrustedIssuersDeps): TrustedIssuer {
  const { clientId, tenantId } = config.entra;
  const { issuer, keys } = entraEndpoints(config.entra, tenantId);
  return {
    name: ownIssuerName(config.entra),
    audiences: [clientId, `api://${clientId}`],
    keys: createIssuerKeys({ issuer, keysUrl: keys, allowLoopback: !config.inAzure, fetch, clock }),
    maxAgeSeconds: dayInSeconds,
    tenantId: tenantId.toLowerCase(),
  };
}

/** How a policy names the installation's own tenant, whichever version its tokens have. */
export function ownIssuerName(entra: Config['entra']): string {
  return isLoopback(new URL(entra.authorityHost))
    ? `https://login.microsoftonline.com/${entra.tenantId}/v2.0`
    : entraEndpoints(entra, entra.tenantId).issuer;
}

/** Version 2, and version 1, which is what an app registration gets unless it asks for another. */
function ownIssuers(entra: Config['entra']): string[] {
  return [
    ownIssuerName(entra),
    entraEndpoints(entra, entra.tenantId).issuer,
    `https://sts.windows.net/${entra.tenantId}/`,
  ];
}
