import type { Application } from '../directory/types.ts';
import type { Exchange } from '../http/route.ts';
import { Refusal } from './aadsts.ts';
import type { ClientProof } from './access-tokens.ts';
import type { CheckAssertion } from './client-assertion.ts';

const ASSERTION = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

/** The client id of a token request, in the body or as Basic. Throws 900144 when there is none. */
export function readClientId(exchange: Exchange, form: URLSearchParams): string {
  const id = form.get('client_id') ?? basic(exchange)?.id;
  if (id) return id;
  throw new Refusal(
    'invalid_request',
    900144,
    "The request body must contain the following parameter: 'client_id'.",
  );
}

/**
 * How the client proves itself. A public client must prove nothing, a confidential one must. Throws 7000215, 7000222,
 * 7000218, 700025 and what the assertion check throws.
 */
export function createAuthenticateClient(parts: {
  readonly checkAssertion: CheckAssertion;
  readonly clock: () => number;
  readonly invalidClientStatus: () => number;
}) {
  return async (
    exchange: Exchange,
    form: URLSearchParams,
    app: Application,
    options: { readonly publicAllowed: boolean },
  ): Promise<ClientProof> => {
    const status = parts.invalidClientStatus();
    const secret = form.get('client_secret') ?? basic(exchange)?.secret;
    const assertion = form.get('client_assertion');
    if (assertion !== null) {
      if (form.get('client_assertion_type') !== ASSERTION) {
        throw new Refusal('invalid_request', 900144, `client_assertion_type must be ${ASSERTION}.`);
      }
      await parts.checkAssertion(exchange, app, assertion);
      return '2';
    }
    if (secret !== undefined && secret !== null) {
      if (app.secrets.length === 0 && app.certificates.length === 0 && app.federated.length === 0) {
        throw new Refusal(
          'invalid_client',
          700025,
          "Client is public so neither 'client_assertion' nor 'client_secret' should be presented.",
          { status },
        );
      }
      checkSecret(app, secret, parts.clock(), status);
      return '1';
    }
    if (options.publicAllowed) return '0';
    throw new Refusal(
      'invalid_client',
      7000218,
      "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.",
      { status },
    );
  };
}

function checkSecret(app: Application, given: string, now: number, status: number): void {
  const found = app.secrets.find((secret) => secret.secretText === given);
  if (!found) {
    throw new Refusal(
      'invalid_client',
      7000215,
      `Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app '${app.appId}'.`,
      { status },
    );
  }
  if (Date.parse(found.endDateTime) <= now) {
    throw new Refusal(
      'invalid_client',
      7000222,
      `The provided client secret keys for app '${app.appId}' are expired. Visit the Azure portal to create new keys for your app.`,
      { status },
    );
  }
}

function basic(exchange: Exchange): { id: string; secret: string } | undefined {
  const [scheme, value = ''] = (exchange.headers.authorization ?? '').split(' ');
  if (scheme?.toLowerCase() !== 'basic') return undefined;
  const text = Buffer.from(value, 'base64').toString('utf8');
  const cut = text.indexOf(':');
  if (cut < 0) return undefined;
  const part = (coded: string) => decodeURIComponent(coded.replace(/\+/g, ' '));
  return { id: part(text.slice(0, cut)), secret: part(text.slice(cut + 1)) };
}
