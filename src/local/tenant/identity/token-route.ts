import type { Exchange, Reply } from '../http/route.ts';
import { noStore, Refusal, refusalReply } from './aadsts.ts';
import { readAuthority, readClient } from './authority.ts';
import { createCheckAssertion } from './client-assertion.ts';
import { createAuthenticateClient, readClientId } from './client-authentication.ts';
import { checkClaims, crossOrigin, type GrantParts, required } from './grants/grant.ts';
import { grantTypes } from './grants/index.ts';

/** The token endpoint, of version 2 (`scope`) and of version 1 (`resource`). */
export function createTokenEndpoint(parts: GrantParts) {
  const { world } = parts;
  const status = () => world.switches.get().invalidClientStatus;
  const authenticateClient = createAuthenticateClient({
    checkAssertion: createCheckAssertion({ tokens: world.tokens, clock: world.clock, status }),
    clock: world.clock,
    invalidClientStatus: status,
  });

  async function answer(exchange: Exchange, version: 1 | 2): Promise<Record<string, unknown>> {
    const { throttleSeconds } = world.switches.get();
    const form = exchange.form();
    if (throttleSeconds !== null) {
      throw new Refusal(
        'temporarily_unavailable',
        90055,
        'The server has terminated the request because there are too many requests.',
        { status: 429 },
      );
    }
    if (!/^application\/x-www-form-urlencoded/i.test(exchange.headers['content-type'] ?? '')) {
      throw new Refusal(
        'invalid_request',
        900144,
        "The request body must contain the following parameter: 'grant_type'.",
      );
    }
    const type = required(form, 'grant_type');
    checkClaims(form.get('claims'));
    checkOrigin(exchange, form);
    const authority = readAuthority(world.directory, exchange.params.tenant ?? '');
    const app = readClient(world.directory, authority, readClientId(exchange, form));
    const grant = grantTypes[type];
    if (!grant) {
      throw new Refusal(
        'unsupported_grant_type',
        70003,
        `The app requested an unsupported grant type '${type}'.`,
      );
    }
    const resource = form.get('resource');
    const scope =
      version === 1 && resource
        ? `${resource}/.default openid profile offline_access`
        : (form.get('scope') ?? '');
    const appOnly =
      type === 'client_credentials' && version === 1 && resource ? `${resource}/.default` : scope;
    const body = await grant(parts, {
      exchange,
      form,
      authority,
      app,
      scope: appOnly,
      authenticate: (options) => authenticateClient(exchange, form, app, options),
    });
    if (version === 2) return body;
    const expiresOn = Math.floor(world.clock() / 1000) + Number(body.expires_in);
    return {
      ...body,
      expires_in: String(body.expires_in),
      ext_expires_in: String(body.ext_expires_in),
      expires_on: String(expiresOn),
      not_before: String(Math.floor(world.clock() / 1000) - 300),
      ...(resource ? { resource } : {}),
    };
  }

  return async (exchange: Exchange, version: 1 | 2): Promise<Reply> => {
    const type = exchange.form().get('grant_type') ?? 'none';
    const shared = exchange.headers.origin === undefined ? {} : { 'access-control-allow-origin': '*' };
    try {
      const body = await answer(exchange, version);
      world.ledger.add(`token:${type}`);
      return { status: 200, headers: { ...noStore, ...shared }, body };
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      world.ledger.add(`token:${type}:${error.error}`);
      const plain = refusalReply(exchange, error, world.clock());
      const reply = { ...plain, headers: { ...plain.headers, ...shared } };
      const { throttleSeconds } = world.switches.get();
      if (throttleSeconds === null) return reply;
      return { ...reply, headers: { ...reply.headers, 'retry-after': String(throttleSeconds) } };
    }
  };
}

/** A page of another origin may redeem what was issued to a single-page app, and has no secret. */
function checkOrigin(exchange: Exchange, form: URLSearchParams): void {
  const { origin } = exchange.headers;
  if (origin === undefined) return;
  const proves = form.has('client_secret') || form.has('client_assertion') || exchange.headers.authorization;
  const redeems = ['authorization_code', 'refresh_token'].includes(form.get('grant_type') ?? '');
  if (!proves && redeems) return;
  throw crossOrigin(origin);
}
