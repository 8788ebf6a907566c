import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose';
import { flowCookieName } from '../../src/broker/flows/sign-in.ts';
import { isAppError } from '../../src/errors.ts';
import { type BrokerStage, createBrokerStage } from '../support/broker-stage.ts';

describe('the ID token of a sign-in', () => {
  let stage: BrokerStage;
  let keys: Awaited<ReturnType<typeof generateKeyPair>>;
  beforeAll(async () => {
    stage = await createBrokerStage();
    keys = await generateKeyPair('RS256');
  });
  afterAll(() => stage.stop());

  interface Forgery {
    readonly claims?: JWTPayload;
    readonly without?: string;
    readonly kid?: string;
    /** Makes the whole text of it. */
    readonly text?: (claims: JWTPayload) => Promise<string>;
  }

  /** An instance to which the identity platform speaks with our key, and which gets the ID token that we write. */
  async function signInWith({ claims, without, kid = 'ours', text }: Forgery): Promise<string> {
    const jwk = { ...(await exportJWK(keys.publicKey)), kid: 'ours', use: 'sig' };
    const forge = async (genuine: JWTPayload) => {
      const all: Record<string, unknown> = { ...genuine, ...claims };
      if (without) delete all[without];
      if (text) return text(all);
      return new SignJWT(all).setProtectedHeader({ alg: 'RS256', kid }).sign(keys.privateKey);
    };
    const instance = stage.instance({
      async fetch(url, init) {
        const answer = await fetch(url, init);
        const { pathname } = new URL(String(url));
        if (pathname.endsWith('/discovery/v2.0/keys')) return Response.json({ keys: [jwk] });
        if (!pathname.endsWith('/oauth2/v2.0/token')) return answer;
        const body = (await answer.json()) as { id_token?: string };
        if (!body.id_token) return Response.json(body, { status: answer.status });
        const payload = JSON.parse(Buffer.from(body.id_token.split('.')[1] ?? '', 'base64url').toString());
        return Response.json({ ...body, id_token: await forge(payload) });
      },
    });
    const { query, cookie } = await stage.wayBack(stage.person('farid.haddad'), instance.broker);
    return instance.broker.signIn.finish(query, new Map([[flowCookieName, cookie.value]])).then(
      () => 'ok',
      (error: unknown) => (isAppError(error) ? error.code : String(error)),
    );
  }

  const now = Math.floor(Date.now() / 1000);
  const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const forgeries: [string, Forgery][] = [
    ['another nonce', { claims: { nonce: 'of another flow' } }],
    ['no nonce', { without: 'nonce' }],
    ['another audience', { claims: { aud: '7a9e1d8b-1111-4222-8333-944455556666' } }],
    ['another issuer', { claims: { iss: 'https://login.evil.example/v2.0' } }],
    ['another tenant', { claims: { tid: '11111111-2222-4333-8444-555566667777' } }],
    ['no tenant', { without: 'tid' }],
    ['no person', { without: 'oid' }],
    ['an end in the past', { claims: { exp: now - 120 } }],
    ['no end', { without: 'exp' }],
    ['a beginning in the future', { claims: { nbf: now + 600 } }],
    ['a key that nobody published', { kid: 'theirs' }],
    ['no signature', { text: async (claims) => `${encode({ alg: 'none' })}.${encode(claims)}.` }],
    [
      'a signature by the public key as a secret',
      {
        text: async (claims) =>
          new SignJWT(claims)
            .setProtectedHeader({ alg: 'HS256', kid: 'ours' })
            .sign(Buffer.from(JSON.stringify(await exportJWK(keys.publicKey)))),
      },
    ],
    [
      'a changed payload',
      {
        async text(claims) {
          const signed = await new SignJWT(claims)
            .setProtectedHeader({ alg: 'RS256', kid: 'ours' })
            .sign(keys.privateKey);
          const [head, , signature] = signed.split('.');
          return `${head}.${encode({ ...claims, oid: stage.person('admin').id })}.${signature}`;
        },
      },
    ],
  ];

  it.each(forgeries)('[6] with %s is refused, and nothing is stored', async (_, forgery) => {
    expect(await signInWith(forgery)).toBe('sign_in_failed');
    expect(await stage.broker.connections.list()).toEqual([]);
    const tokens = stage.storage.sealedTable({ name: 'tokens', schema: stage.anything });
    const rows: string[] = [];
    for await (const { partition } of tokens.list()) rows.push(partition);
    expect(rows).toEqual(['key-check']);
  });

  it('that is as it should be is accepted', async () => {
    expect(await signInWith({})).toBe('ok');
  });
});
