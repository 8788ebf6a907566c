import { createHash, randomUUID, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import {
  type AuthenticationResult,
  ConfidentialClientApplication,
  type Configuration,
  CryptoProvider,
  PublicClientApplication,
} from '@azure/msal-node';
import { createBrowser } from '../../../src/local/launcher/browser.ts';
import { passSignIn } from '../../../src/local/launcher/sign-in.ts';
import type { WitnessTenant } from '../../support/witness.ts';
import { claimsOf, report } from './outcomes.ts';

const tenant = JSON.parse(process.env.TENANT ?? '{}') as WitnessTenant;
const authority = `https://login.microsoftonline.com/${tenant.tenantId}`;
const [admin, person] = [tenant.users[0], tenant.users[1]];
const plain = tenant.users.find((user) => user.upn.startsWith('farid'));
if (!admin || !person || !plain) throw new Error('the tenant lacks people');
const redirectUri = 'http://localhost:9/callback';
const scopes = ['User.Read', 'Files.Read.All'];
const appScopes = ['https://graph.microsoft.com/.default'];

const confidential = (auth: Partial<Configuration['auth']>) =>
  new ConfidentialClientApplication({ auth: { clientId: tenant.clientId, authority, ...auth } });
const bySecret = () => confidential({ clientSecret: tenant.clientSecret });
const pem = readFileSync(tenant.certificateFile, 'utf8');
const certificate = new X509Certificate(pem.slice(pem.indexOf('-----BEGIN CERTIFICATE')));
const thumbprint = (hash: string) => createHash(hash).update(certificate.raw).digest('hex').toUpperCase();
const privateKey = pem.slice(0, pem.indexOf('-----BEGIN CERTIFICATE'));

const facts = (result: AuthenticationResult | null) => ({
  username: result?.account?.username,
  idtyp: claimsOf(result?.accessToken).idtyp,
  aud: claimsOf(result?.accessToken).aud,
  scopes: result?.scopes.includes('User.Read') || undefined,
  appidacr: claimsOf(result?.accessToken).appidacr,
  fromCache: result?.fromCache,
});

/** Goes through the pages and gives the code that the redirect carries. */
async function signIn(
  url: string,
  who: { upn: string; password: string },
): Promise<{ code: string; clientInfo: string }> {
  const browser = createBrowser();
  const seen: URL[] = [];
  const original = globalThis.fetch;
  globalThis.fetch = async (target, init) => {
    const address = new URL(String(target));
    if (address.port !== '9') return original(target, init);
    seen.push(address);
    return new Response('signed in', { status: 200 });
  };
  try {
    await passSignIn(browser, await browser.open(url), who, 'http://localhost:9');
  } finally {
    globalThis.fetch = original;
  }
  const query = seen.at(-1)?.searchParams;
  return { code: query?.get('code') ?? '', clientInfo: query?.get('client_info') ?? '' };
}

const browserApp = bySecret();
const crypto = new CryptoProvider();
let account: AuthenticationResult['account'] = null;
let refreshToken = '';

await report({
  code: async () => {
    const { verifier, challenge } = await crypto.generatePkceCodes();
    const nonce = randomUUID();
    const url = await browserApp.getAuthCodeUrl({
      scopes,
      redirectUri,
      nonce,
      codeChallenge: challenge,
      codeChallengeMethod: 'S256',
      responseMode: 'query',
    });
    const { code, clientInfo } = await signIn(url, person);
    const result = await browserApp.acquireTokenByCode({
      code,
      scopes,
      redirectUri,
      codeVerifier: verifier,
      nonce,
      clientInfo,
    });
    account = result.account;
    const cache = JSON.parse(browserApp.getTokenCache().serialize()) as {
      RefreshToken: Record<string, { secret: string }>;
    };
    refreshToken = Object.values(cache.RefreshToken)[0]?.secret ?? '';
    return facts(result);
  },
  'code twice': async () => {
    const { verifier, challenge } = await crypto.generatePkceCodes();
    const url = await browserApp.getAuthCodeUrl({
      scopes,
      redirectUri,
      codeChallenge: challenge,
      codeChallengeMethod: 'S256',
    });
    const { code } = await signIn(url.replace('response_mode=form_post', 'response_mode=query'), person);
    await bySecret().acquireTokenByCode({ code, scopes, redirectUri, codeVerifier: verifier });
    await bySecret().acquireTokenByCode({ code, scopes, redirectUri, codeVerifier: verifier });
  },
  'wrong verifier': async () => {
    const { challenge } = await crypto.generatePkceCodes();
    const url = await browserApp.getAuthCodeUrl({
      scopes,
      redirectUri,
      responseMode: 'query',
      codeChallenge: challenge,
      codeChallengeMethod: 'S256',
    });
    const { code } = await signIn(url, person);
    const { verifier } = await crypto.generatePkceCodes();
    await bySecret().acquireTokenByCode({ code, scopes, redirectUri, codeVerifier: verifier });
  },
  silent: async () => {
    if (!account) throw new Error('nobody signed in');
    return facts(await browserApp.acquireTokenSilent({ account, scopes }));
  },
  'silent forced': async () => {
    if (!account) throw new Error('nobody signed in');
    return facts(await browserApp.acquireTokenSilent({ account, scopes, forceRefresh: true }));
  },
  'refresh token': async () =>
    facts(await bySecret().acquireTokenByRefreshToken({ refreshToken, scopes, forceCache: true })),
  'refresh token again': async () =>
    facts(await bySecret().acquireTokenByRefreshToken({ refreshToken, scopes: ['Files.Read'] })),
  'scope without consent': async () =>
    bySecret().acquireTokenByRefreshToken({ refreshToken, scopes: ['Files.ReadWrite.AppFolder'] }),
  secret: async () => facts(await bySecret().acquireTokenByClientCredential({ scopes: appScopes })),
  'wrong secret': async () =>
    confidential({ clientSecret: 'wrong' }).acquireTokenByClientCredential({ scopes: appScopes }),
  'certificate PS256': async () =>
    facts(
      await confidential({
        clientCertificate: { thumbprintSha256: thumbprint('sha256'), privateKey },
      }).acquireTokenByClientCredential({ scopes: appScopes }),
    ),
  'certificate RS256': async () =>
    facts(
      await confidential({
        clientCertificate: { thumbprint: thumbprint('sha1'), privateKey },
      }).acquireTokenByClientCredential({ scopes: appScopes }),
    ),
  'federated assertion': async () => {
    const clientAssertion = async () => {
      const address = `${tenant.identityEndpoint}?api-version=2019-08-01&resource=api://AzureADTokenExchange`;
      const answer = await fetch(address, { headers: { 'x-identity-header': tenant.identityHeader } });
      return ((await answer.json()) as { access_token: string }).access_token;
    };
    return facts(
      await confidential({ clientAssertion }).acquireTokenByClientCredential({ scopes: appScopes }),
    );
  },
  'on behalf of': async () => {
    const own = [`api://${tenant.clientId}/access_as_user`];
    const { verifier, challenge } = await crypto.generatePkceCodes();
    const pkce = { codeChallenge: challenge, codeChallengeMethod: 'S256' };
    const url = await browserApp.getAuthCodeUrl({ scopes: own, redirectUri, responseMode: 'query', ...pkce });
    const { code } = await signIn(url, person);
    const mine = await bySecret().acquireTokenByCode({
      code,
      scopes: own,
      redirectUri,
      codeVerifier: verifier,
    });
    return facts(
      await bySecret().acquireTokenOnBehalfOf({ oboAssertion: mine.accessToken, scopes: ['User.Read'] }),
    );
  },
  'on behalf of a Graph token': async () => {
    const graph = await bySecret().acquireTokenByRefreshToken({ refreshToken, scopes });
    return bySecret().acquireTokenOnBehalfOf({
      oboAssertion: graph?.accessToken ?? '',
      scopes: ['User.Read'],
    });
  },
  password: async () =>
    facts(
      await bySecret().acquireTokenByUsernamePassword({
        scopes,
        username: plain.upn,
        password: plain.password,
      }),
    ),
  'password with MFA': async () =>
    bySecret().acquireTokenByUsernamePassword({ scopes, username: admin.upn, password: admin.password }),
  'wrong password': async () =>
    bySecret().acquireTokenByUsernamePassword({ scopes, username: plain.upn, password: 'wrong' }),
  'device code': async () => {
    const app = new PublicClientApplication({ auth: { clientId: tenant.clientId, authority } });
    const result = await app.acquireTokenByDeviceCode({
      scopes,
      deviceCodeCallback: ({ userCode, verificationUri }) => {
        void (async () => {
          const browser = createBrowser();
          const page = await browser.open(verificationUri);
          const form = page.forms[0];
          if (!form) throw new Error('no form for the code');
          const first = await browser.submit(form, { user_code: userCode });
          // The last page has no form: being signed in is all that it says.
          await passSignIn(browser, first, plain, 'http://nowhere.invalid').catch(() => undefined);
        })();
      },
    });
    return facts(result);
  },
  interactive: async () => {
    const app = new PublicClientApplication({ auth: { clientId: tenant.clientId, authority } });
    const result = await app.acquireTokenInteractive({
      scopes,
      openBrowser: async (url) => {
        void (async () => {
          const browser = createBrowser();
          // form_post: the page's script would send the form; a browser without script presses Continue.
          let page = await browser.open(url);
          for (let step = 0; step < 8 && page.forms[0]; step += 1) {
            const form = page.forms[0];
            const number = /data-number="(\d+)"/.exec(page.html)?.[1];
            page = await browser.submit(form, {
              ...(/name="account"/.test(page.html) && !/name="password"/.test(page.html)
                ? { account: plain.upn }
                : {}),
              ...(/name="password"/.test(page.html) ? { password: plain.password } : {}),
              ...(number ? { number } : {}),
              ...(/name="decision"/.test(page.html) ? { decision: 'accept' } : {}),
            });
          }
        })();
      },
    });
    return facts(result);
  },
  'public password, silent, refresh token': async () => {
    const app = new PublicClientApplication({ auth: { clientId: tenant.clientId, authority } });
    const { upn: username, password } = plain;
    const first = await app.acquireTokenByUsernamePassword({ scopes, username, password });
    const held = first?.account;
    if (!held) throw new Error('nobody signed in');
    const silent = await app.acquireTokenSilent({ account: held, scopes, forceRefresh: true });
    const cache = JSON.parse(app.getTokenCache().serialize()) as {
      RefreshToken: Record<string, { secret: string }>;
    };
    const known = Object.values(cache.RefreshToken)[0]?.secret ?? '';
    const again = await app.acquireTokenByRefreshToken({ refreshToken: known, scopes: ['Files.Read'] });
    await app.getTokenCache().removeAccount(held);
    return {
      ...facts(first),
      silent: facts(silent).username,
      again: facts(again).appidacr,
      left: (await app.getTokenCache().getAllAccounts()).length,
    };
  },
  'public code': async () => {
    const app = new PublicClientApplication({ auth: { clientId: tenant.clientId, authority } });
    const { verifier, challenge } = await crypto.generatePkceCodes();
    const url = await app.getAuthCodeUrl({
      scopes,
      redirectUri,
      responseMode: 'query',
      codeChallenge: challenge,
      codeChallengeMethod: 'S256',
    });
    const { code } = await signIn(url, plain);
    return facts(await app.acquireTokenByCode({ code, scopes, redirectUri, codeVerifier: verifier }));
  },
  accounts: async () => (await browserApp.getTokenCache().getAllAccounts()).map((one) => one.username),
});
