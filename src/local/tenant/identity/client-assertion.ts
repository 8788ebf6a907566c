import { createHash, createPublicKey, X509Certificate } from 'node:crypto';
import type { JWTPayload } from 'jose';
import { createRemoteJWKSet, decodeJwt, decodeProtectedHeader, jwtVerify } from 'jose';
import type { Application, FederatedCredential } from '../directory/types.ts';
import { TOKEN_EXCHANGE_APP } from '../directory/types.ts';
import type { Exchange } from '../http/route.ts';
import { Refusal } from './aadsts.ts';
import type { Tokens } from './tokens.ts';

/** Accepts a certificate's or a federated identity's assertion, or throws 700027, 50012, 700024, 50048, 700211, 700212, 700213. */
export type CheckAssertion = (exchange: Exchange, app: Application, assertion: string) => Promise<void>;

const LEEWAY = 300;

export function createCheckAssertion(parts: {
  readonly tokens: Tokens;
  readonly clock: () => number;
  readonly status: () => number;
}): CheckAssertion {
  const refuse = (code: number, text: string) =>
    new Refusal('invalid_client', code, text, { status: parts.status() });

  async function checkCertificate(exchange: Exchange, app: Application, assertion: string): Promise<void> {
    const header = decodeProtectedHeader(assertion);
    const certificate = app.certificates.find(({ pem }) => {
      const der = new X509Certificate(pem).raw;
      const hash = (algorithm: string) => createHash(algorithm).update(der).digest('base64url');
      const sha256 = header['x5t#S256'];
      return sha256 === undefined ? header.x5t === hash('sha1') : sha256 === hash('sha256');
    });
    if (!certificate)
      throw refuse(
        700027,
        'The certificate with identifier used to sign the client assertion is not registered on application.',
      );
    const { alg = '' } = header;
    if (!['RS256', 'PS256'].includes(alg))
      throw refuse(50012, `Client assertion is not accepted: the algorithm ${alg} is not supported.`);
    const key = createPublicKey(certificate.pem);
    const payload = await jwtVerify(assertion, key, {
      algorithms: [alg],
      currentDate: new Date(0),
      clockTolerance: 1e12,
    }).then(
      (verified) => verified.payload,
      () => {
        throw refuse(700027, 'Client assertion failed signature validation.');
      },
    );
    checkTimes(payload);
    if (payload.iss !== payload.sub)
      throw refuse(50048, 'Subject must match Issuer claim in the client assertion.');
    if (payload.sub !== app.appId) throw refuse(50012, 'Client assertion is for another client.');
    const audiences = [payload.aud].flat();
    // The endpoint as the client reached it, under its real name, or its authority.
    const here = `${exchange.urls.login}${exchange.url.pathname}`;
    const real = `https://login.microsoftonline.com${exchange.url.pathname}`;
    const fits = (aud = '') =>
      [here, real].some((endpoint) => endpoint === aud || endpoint.replace(/\/oauth2\/.*$/, '/v2.0') === aud);
    if (!audiences.some(fits)) {
      throw refuse(50012, `Client assertion audience claim does not match Realm issuer. Expected ${here}.`);
    }
  }

  function checkTimes(payload: JWTPayload): void {
    const now = Math.floor(parts.clock() / 1000);
    if ((payload.exp ?? 0) + LEEWAY < now || (payload.nbf ?? 0) > now + LEEWAY) {
      throw refuse(700024, 'Client assertion is not within its valid time range.');
    }
  }

  async function checkFederated(
    exchange: Exchange,
    app: Application,
    assertion: string,
    payload: JWTPayload,
  ): Promise<void> {
    const issuers = app.federated.filter((one) => one.issuer === payload.iss);
    if (issuers.length === 0)
      throw refuse(
        700211,
        `No matching federated identity record found for presented assertion issuer '${payload.iss}'.`,
      );
    const subjects = issuers.filter((one) => one.subject === payload.sub);
    if (subjects.length === 0)
      throw refuse(
        700213,
        `No matching federated identity record found for presented assertion subject '${payload.sub}'.`,
      );
    const found = subjects.find((one) =>
      [payload.aud].flat().some((aud) => aud !== undefined && isAudience(one, aud)),
    );
    if (!found)
      throw refuse(
        700212,
        `No matching federated identity record found for presented assertion audience '${payload.aud}'.`,
      );
    await verifyFederated(exchange, found, assertion);
    checkTimes(payload);
  }

  async function verifyFederated(exchange: Exchange, credential: FederatedCredential, assertion: string) {
    const own =
      credential.issuer.startsWith('https://login.microsoftonline.com/') ||
      credential.issuer.startsWith(exchange.urls.login);
    try {
      if (own) {
        const payload = await parts.tokens.open(assertion);
        if (payload.idtyp !== 'app')
          throw refuse(700229, 'Only app-only tokens can be used as Federated Identity Credentials.');
        return;
      }
      const discovery = await fetch(
        `${credential.issuer.replace(/\/$/, '')}/.well-known/openid-configuration`,
      );
      const { jwks_uri } = (await discovery.json()) as { jwks_uri: string };
      const options = { currentDate: new Date(0), clockTolerance: 1e12 };
      await jwtVerify(assertion, createRemoteJWKSet(new URL(jwks_uri)), options);
    } catch (error) {
      if (error instanceof Refusal) throw error;
      throw refuse(50013, 'Assertion failed signature validation.');
    }
  }

  return async (exchange, app, assertion) => {
    const payload = readPayload(assertion);
    if (!payload) throw refuse(50027, 'JWT token is invalid or malformed.');
    if (payload.iss === app.appId) return checkCertificate(exchange, app, assertion);
    const header = decodeProtectedHeader(assertion);
    if (header.x5t !== undefined && app.federated.every((one) => one.issuer !== payload.iss)) {
      return checkCertificate(exchange, app, assertion);
    }
    return checkFederated(exchange, app, assertion, payload);
  };
}

function readPayload(assertion: string): JWTPayload | undefined {
  try {
    return decodeJwt(assertion);
  } catch {
    return undefined;
  }
}

/** Tokens for the exchange audience carry the app id behind that name. */
function isAudience(credential: FederatedCredential, aud: string): boolean {
  return (
    aud === credential.audience ||
    (credential.audience === 'api://AzureADTokenExchange' && aud === TOKEN_EXCHANGE_APP)
  );
}
