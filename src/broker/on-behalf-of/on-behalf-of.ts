import { AppError, isAppError } from '../../errors.ts';
import type { Ports } from '../../ports.ts';
import type { Leases } from '../../storage/leases.ts';
import type { Storage } from '../../storage/storage.ts';
import type { Audit } from '../audit.ts';
import { auditActorOf } from '../audit-event.ts';
import { type CallerIdentity, callerKey } from '../caller-identity.ts';
import type { Entra, EntraGrant } from '../entra.ts';
import type { Access, GrantAccess } from '../grant-access.ts';
import type { ServeToken } from '../issue-token.ts';
import { tokenRequestOf } from '../issue-token.ts';
import { graphResource, type IssuedToken } from '../issued-token.ts';
import type { VerifyIssuerToken } from '../issuer-tokens.ts';
import { scopesBeyond } from '../scopes.ts';
import { answerKey, type StoredAnswer, toStoredAnswer } from '../stored-answer.ts';
import { checkToken } from '../token-check.ts';
import { requireResource, shortScopes, wireScopes } from '../token-scopes.ts';
import { createHandles, type Handles } from './handles.ts';
import { createRenew } from './renew.ts';
import { toIssuedToken } from './to-issued-token.ts';
import { personName, type UserToken, verifyUserToken } from './user-token.ts';

export interface OnBehalfAsk {
  readonly requestId: string;
  readonly caller: CallerIdentity;
  /** Short form; empty: whatever the policy grants. */
  readonly scopes: readonly string[];
  readonly resource?: string | undefined;
  readonly minTtlSeconds?: number | undefined;
  readonly claims?: string | undefined;
  readonly forceRefresh?: boolean | undefined;
}

export interface OnBehalfToken {
  readonly token: IssuedToken;
  /** Where one was asked for: its text, and how many seconds it lives. */
  readonly handle?: { readonly text: string; readonly expiresInSeconds: number };
}

/**
 * A caller acts for a person whose own access token it brings. What it may have is decided by the policies that grant
 * `user/{object id}`, as for everything else, and leaves one audit event. Throws what `GrantAccess` and `ServeToken` throw, `invalid_grant`
 * for a token or a handle that is not good, and `interaction_required` with the claims that the person must satisfy.
 */
export interface OnBehalfOf {
  /** `handle`: also gives a handle with which the same caller goes on later; only where the policy grants one. */
  exchange(ask: OnBehalfAsk & { assertion: string; handle: boolean }): Promise<OnBehalfToken>;
  renew(ask: OnBehalfAsk & { handle: string }): Promise<OnBehalfToken>;
  /** Ends a handle of this caller; harmless when there is none. */
  end(handle: string, caller: CallerIdentity): Promise<void>;
  readonly handles: Pick<Handles, 'endAllOf'>;
}

/** A token that Entra gave for the same person's token is given again for so long: nothing tells us that they signed out. */
const keptForMs = 5 * 60_000;
const mostKept = 2_000;

export function createOnBehalfOf(deps: {
  readonly tenantId: string;
  readonly clientId: string;
  readonly verifyIssuerToken: VerifyIssuerToken;
  readonly entra: Pick<Entra, 'onBehalfOf' | 'refresh'>;
  readonly grantAccess: GrantAccess;
  readonly serveToken: ServeToken;
  readonly audit: Pick<Audit, 'record'>;
  readonly keyCheck: () => Promise<void>;
  readonly leases: Leases;
  readonly storage: Pick<Storage, 'sealedTable'>;
  readonly ports: Pick<Ports, 'clock' | 'random'>;
}): OnBehalfOf {
  const { clientId, entra, grantAccess, serveToken, tenantId } = deps;
  const { clock } = deps.ports;
  const handles = createHandles(deps);
  const renew = createRenew({ handles, entra, leases: deps.leases, clientId, clock });
  const kept = new Map<string, { readonly until: number; readonly answer: StoredAnswer }>();

  async function refuse({ requestId, caller }: OnBehalfAsk, reason: string, message: string): Promise<never> {
    const actor = auditActorOf(caller);
    await deps.audit.record({ action: 'token.issue', outcome: 'refused', reason, requestId, actor });
    throw new AppError('invalid_grant', message, { detail: reason });
  }

  const accessFor = (
    { requestId, caller, scopes, resource, minTtlSeconds }: OnBehalfAsk,
    objectId: string,
  ) => {
    const name = personName(objectId);
    const connection = { id: name, alias: name };
    const asked = { scopes, resource, minTtlSeconds, audience: name, connection };
    return grantAccess({ requestId, caller, delivery: 'token', ...asked });
  };

  async function acquire(user: UserToken, access: Access, ask: OnBehalfAsk & { handle: boolean }) {
    const resource = requireResource(ask.resource ?? graphResource);
    const scopes = shortScopes(tokenRequestOf(access).scopes ?? [], resource);
    const key = `${user.sha256} ${callerKey(ask.caller)} ${answerKey('', resource, scopes)}`;
    const held = kept.get(key);
    const skip = ask.handle || ask.claims !== undefined || ask.forceRefresh === true;
    if (held && held.until > clock() && !skip) return { answer: held.answer, source: 'memory' as const };

    const grant = await entra
      .onBehalfOf({
        tenantId,
        assertion: user.assertion,
        scopes: wireScopes(scopes, resource),
        claims: ask.claims,
      })
      .catch((error: unknown) => {
        // There is no stored sign-in that could have ended: it is the person's token that was refused.
        if (!isAppError(error, 'reauth_required')) throw error;
        throw new AppError('invalid_grant', 'Microsoft does not accept this token of the person any more.', {
          ...(error.detail === undefined ? {} : { detail: error.detail }),
        });
      });
    const expected = { kind: 'user' as const, tenantId, objectId: user.objectId, clientId, resource, scopes };
    const checked = checkToken(grant.accessToken, grant.scopes, expected);
    const answer = toStoredAnswer(answerKey('', resource, scopes), grant, checked, 0);
    keep(key, { until: Math.min(clock() + keptForMs, user.expiresAt, answer.refreshAt), answer });
    return { answer, source: 'entra' as const, grant, resource, scopes };
  }

  function keep(key: string, entry: { until: number; answer: StoredAnswer }): void {
    kept.delete(key);
    kept.set(key, entry);
    const oldest = kept.keys().next().value;
    if (kept.size > mostKept && oldest !== undefined) kept.delete(oldest);
  }

  async function beginHandle(
    caller: CallerIdentity,
    user: UserToken,
    life: number,
    got: { grant: EntraGrant; answer: StoredAnswer; resource: string; scopes: readonly string[] },
  ) {
    const { credentials } = got.grant;
    if (!credentials)
      throw new AppError('upstream_unavailable', 'Microsoft gave nothing that lasts. Try again.');
    const text = await handles.begin({
      callerKey: callerKey(caller),
      tenantId,
      objectId: user.objectId,
      resource: got.resource,
      scopes: [...got.scopes],
      credentials,
      answers: [got.answer],
      endsAt: clock() + life * 1000,
    });
    return { text, expiresInSeconds: life };
  }

  return {
    handles,

    async exchange(ask) {
      await deps.keyCheck();
      const verified = await verifyUserToken(deps.verifyIssuerToken, ask.assertion);
      if (!verified.ok) {
        return refuse(
          ask,
          `subject_token_${verified.reason}`,
          'The subject token must be an access token of a person of this installation’s tenant that was made for its app.',
        );
      }
      const { user } = verified;
      const access = await accessFor(ask, user.objectId);
      let handle: OnBehalfToken['handle'];
      const token = await serveToken(access, async () => {
        const life = access.policy.grant.handleSeconds;
        if (ask.handle && life === undefined) {
          throw new AppError(
            'invalid_scope',
            'The policy of this caller grants no handle (offline_access): it may act for a person only while it has their token.',
          );
        }
        const got = await acquire(user, access, ask);
        if (ask.handle && life !== undefined && got.grant) {
          handle = await beginHandle(ask.caller, user, life, got);
        }
        return toIssuedToken(got.answer, tenantId, got.source);
      });
      return { token, ...(handle ? { handle } : {}) };
    },

    async renew(ask) {
      await deps.keyCheck();
      const row = await handles.find(ask.handle, ask.caller);
      if (!row) {
        return refuse(
          ask,
          'handle_unknown',
          'The handle is not known here, is over, or was given to another caller.',
        );
      }
      const { objectId, scopes, resource } = row.value;
      const narrowed = ask.scopes.length > 0 ? ask.scopes : scopes;
      const access = await accessFor(
        { ...ask, scopes: narrowed, resource: ask.resource ?? resource },
        objectId,
      );
      const token = await serveToken(access, async () => {
        const beyond = scopes.length > 0 ? scopesBeyond(ask.scopes, scopes) : [];
        if (beyond.length > 0) {
          throw new AppError('invalid_scope', `This handle was not given for ${beyond.join(', ')}.`);
        }
        return renew(row, {
          ...tokenRequestOf(access),
          resource: ask.resource ?? resource,
          claims: ask.claims,
          forceRefresh: ask.forceRefresh,
        });
      });
      return { token };
    },

    async end(handle, caller) {
      const row = await handles.find(handle, caller);
      if (row) await handles.end(row);
    },
  };
}
