import type { HttpResponseInit } from '@azure/functions';
import type { Audit } from '../../broker/audit.ts';
import type { CallerIdentity } from '../../broker/caller-identity.ts';
import { sha256 } from '../../broker/digest.ts';
import type { Access, GrantAccess } from '../../broker/grant-access.ts';
import { recordFailure, tokenRequestOf } from '../../broker/issue-token.ts';
import type { IssuedToken, TokenRequest } from '../../broker/issued-token.ts';
import { ruleFor } from '../../broker/proxy-rule.ts';
import type { Forward } from '../../graph/forward.ts';
import type { TokenSource } from '../../graph/graph-client.ts';
import { readGraphPath } from '../graph-path.ts';
import { toAnswer } from './answer.ts';

/** One call of Graph as a caller wrote it. */
export interface ProxyCall {
  readonly method: string;
  readonly version: 'v1.0' | 'beta';
  /** Below the version, with its query. */
  readonly address: string;
  /** Those that Graph is told. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array<ArrayBuffer> | undefined;
}

/** Who asks, and with whose rights. */
export interface Asker {
  readonly requestId: string;
  readonly caller: CallerIdentity;
  readonly audience: string;
}

export interface Admitted {
  readonly access: Access;
  readonly call: ProxyCall;
  /** The rule that let it through leaves addresses that work without a token. */
  readonly addresses: boolean;
}

export interface ServeCall {
  /** Throws what `GrantAccess` throws, and `invalid_request` for an address that could mean two things. */
  admit(asker: Asker, call: ProxyCall, proofAccepted?: boolean): Promise<Admitted>;
  /** The audit event is written before Graph is asked: what nobody can find out afterwards is not done. */
  serve(admitted: Admitted): Promise<HttpResponseInit>;
}

export function createServeCall(deps: {
  readonly grantAccess: GrantAccess;
  readonly getToken: (request: TokenRequest) => Promise<IssuedToken>;
  readonly audit: Pick<Audit, 'record'>;
  readonly forward: Forward;
  readonly appId: string;
  readonly graphUrl: string;
  readonly publicUrl: string;
}): ServeCall {
  const { audit, getToken, graphUrl, publicUrl } = deps;

  return {
    async admit(asker, call, proofAccepted = false) {
      const { path, expands } = readGraphPath(call.address);
      const request = { method: call.method, path, expands, beta: call.version === 'beta' };
      const access = await deps.grantAccess({
        ...asker,
        delivery: 'proxy',
        scopes: [],
        request,
        proofAccepted,
      });
      const rule = ruleFor(access.policy.grant.proxy ?? [], request);
      return { access, call, addresses: rule?.downloads === true };
    },

    async serve({ access, call, addresses }) {
      const wanted = tokenRequestOf(access);
      const token = await recordFailure(access, audit, () => getToken(wanted));
      await audit.record({
        ...access.event,
        outcome: 'granted',
        reason: 'ok',
        scopes: [...token.scopes],
        tokenSha256: sha256(token.accessToken),
        source: token.source,
      });
      const source: TokenSource = async (renewal) =>
        renewal ? (await getToken({ ...wanted, ...renewal })).accessToken : token.accessToken;
      const payer = { tenantId: token.tenantId, appId: deps.appId, priority: 'interactive' } as const;
      const { method, version, address: path, headers, body } = call;
      const reply = await deps.forward(source, payer, { method, version, path, headers, body });
      return toAnswer(reply, { graphUrl, publicUrl, addresses });
    },
  };
}
