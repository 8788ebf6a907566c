import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose';

export interface OidcIssuer {
  /** `http://localhost:port`, as `iss` and in the discovery document. */
  readonly url: string;
  /** Paths that were asked for, in order. */
  readonly asked: string[];
  /** A token of this issuer, valid for ten minutes from `now` unless the claims say otherwise. */
  token(claims: JWTPayload, header?: Record<string, unknown>): Promise<string>;
  /** From now on tokens are signed with a new key; the key set names both, as issuers do for a while. */
  rollKey(): Promise<void>;
  /** Answers this instead of what it should, by path. */
  readonly faults: Map<string, (response: ServerResponse) => void>;
  stop(): Promise<void>;
}

const discoveryPath = '/.well-known/openid-configuration';
const keysPath = '/keys';

/** An OpenID Connect issuer on this machine, with a discovery document, keys and nothing else. */
export async function createOidcIssuer(now: () => number = Date.now): Promise<OidcIssuer> {
  const asked: string[] = [];
  const faults: OidcIssuer['faults'] = new Map();
  const keys: { kid: string; privateKey: CryptoKey; jwk: object }[] = [];
  const rollKey = async () => {
    const { privateKey, publicKey } = await generateKeyPair('RS256');
    const kid = `key-${keys.length + 1}`;
    keys.push({ kid, privateKey, jwk: { ...(await exportJWK(publicKey)), kid, use: 'sig', alg: 'RS256' } });
  };
  await rollKey();

  const server = createServer((request, response) => {
    const path = request.url ?? '';
    asked.push(path);
    const fault = faults.get(path);
    if (fault) return fault(response);
    const document = path === discoveryPath ? { issuer: url, jwks_uri: url + keysPath } : undefined;
    const body = path === keysPath ? { keys: keys.map(({ jwk }) => jwk) } : document;
    response.writeHead(body ? 200 : 404, { 'content-type': 'application/json' });
    response.end(body ? JSON.stringify(body) : '');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://localhost:${(server.address() as AddressInfo).port}`;

  return {
    url,
    asked,
    faults,
    rollKey,
    async token(claims, header = {}) {
      const key = keys.at(-1);
      if (!key) throw new Error('an issuer without keys');
      const seconds = Math.floor(now() / 1000);
      return new SignJWT({ iss: url, iat: seconds, exp: seconds + 600, ...claims })
        .setProtectedHeader({ alg: 'RS256', typ: 'JWT', kid: key.kid, ...header })
        .sign(key.privateKey);
    },
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** What the tokens of well-known issuers say, without issuer, audience and times. */
export const claimShapes = {
  gitHubActions: {
    sub: 'repo:contoso/website:ref:refs/heads/main',
    repository: 'contoso/website',
    repository_id: '74',
    repository_owner: 'contoso',
    repository_owner_id: '65',
    ref: 'refs/heads/main',
    ref_type: 'branch',
    environment: 'production',
    job_workflow_ref: 'contoso/website/.github/workflows/release.yml@refs/heads/main',
    run_id: '1658821493',
    jti: '6ee1a4b0-0f1a-4d1b-9c3e-1f6b3a9e7a10',
  },
  /** Since GitHub writes ids into subjects, a renamed or re-registered repository is another one. */
  gitHubWithIds: {
    sub: 'repo:contoso@65/website@74:environment:production',
    repository: 'contoso/website',
    repository_id: '74',
    repository_owner_id: '65',
    environment: 'production',
    jti: '6ee1a4b0-0f1a-4d1b-9c3e-1f6b3a9e7a11',
  },
  gitLab: {
    sub: 'project_path:contoso/website:ref_type:branch:ref:main',
    namespace_id: '72',
    project_id: '20',
    project_path: 'contoso/website',
    ref: 'main',
    ref_type: 'branch',
    ref_protected: 'true',
    pipeline_source: 'push',
  },
  azureDevOps: {
    sub: 'p://contoso/website/release',
    org_id: '0b1a5b1e-2f7c-4d5c-8d5b-0d8f9c6c9d11',
    prj_id: '5b8c9d1e-6a7b-4c3d-9e2f-1a2b3c4d5e6f',
    def_id: '12',
    rpo_ref: 'refs/heads/main',
    run_id: '881',
  },
  kubernetes: {
    sub: 'system:serviceaccount:reports:nightly',
    'kubernetes.io': {
      namespace: 'reports',
      serviceaccount: { name: 'nightly', uid: '14ee3fa4-a7e2-420f-9f9a-dbc4507c3798' },
    },
  },
} as const satisfies Record<string, JWTPayload>;
