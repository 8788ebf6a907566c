import type { HttpRequest } from '@azure/functions';
import type { Audit } from '../broker/audit.ts';
import type { AuditAction } from '../broker/audit-event.ts';
import type { CallerIdentity } from '../broker/caller-identity.ts';
import type { Callers } from '../broker/callers.ts';
import type { OidcCallers } from '../broker/oidc-callers.ts';
import { createRateLimit } from '../broker/rate-limit.ts';
import { AppError } from '../errors.ts';
import type { Ports } from '../ports.ts';

/** Who stands at a door that is not OAuth. Every way to be wrong is the same `unauthorized`. */
export interface ProveCaller {
  /** One text: `cal_….gvk_…` (id and key of a caller), or a token of a trusted issuer. */
  byText(text: string, at: Door): Promise<CallerIdentity>;
  /** `Authorization: Bearer` with such a text, or Basic with id and key. */
  byAuthorization(request: HttpRequest, at: Door): Promise<CallerIdentity>;
}

/** What the audit says of one whom nobody knows. */
export interface Door {
  readonly action: AuditAction;
  readonly requestId: string;
}

const unknownPerMinute = 600;
const keyText = /^(cal_[a-z2-7]{20})[.:](gvk_[\w-]+)$/;

export function createProveCaller(deps: {
  readonly callers: Pick<Callers, 'authenticate'>;
  readonly oidcCallers: Pick<OidcCallers, 'verify'>;
  readonly audit: Pick<Audit, 'record'>;
  readonly ports: Pick<Ports, 'clock'>;
}): ProveCaller {
  const unknownLimit = createRateLimit({
    clock: deps.ports.clock,
    requests: unknownPerMinute,
    windowSeconds: 60,
  });

  /** Of those whom nobody knows only so many are recorded: the record must not be a way to flood us. */
  async function refuse({ action, requestId }: Door, reason: string): Promise<never> {
    if (!unknownLimit.take('unknown')) {
      await deps.audit.record({ action, outcome: 'refused', reason, requestId, actor: { kind: 'unknown' } });
    }
    throw new AppError('unauthorized', 'The caller did not prove who it is, or its proof has ended.', {
      detail: reason,
    });
  }

  async function byText(text: string, at: Door): Promise<CallerIdentity> {
    const [, id, key] = keyText.exec(text) ?? [];
    if (id !== undefined && key !== undefined) {
      const caller = await deps.callers.authenticate(id, key);
      return caller ? { kind: 'api_key', id: caller.id, name: caller.name } : refuse(at, 'invalid_client');
    }
    if (text.length > 12_000) return refuse(at, 'token_malformed');
    const result = await deps.oidcCallers.verify(text);
    return result.ok ? result.identity : refuse(at, `token_${result.reason}`);
  }

  return {
    byText,
    byAuthorization(request, at) {
      const header = request.headers.get('authorization') ?? '';
      const bearer = /^Bearer ([\w.~+/=-]+)$/i.exec(header)?.[1];
      if (bearer !== undefined) return byText(bearer, at);
      const basic = /^Basic ([A-Za-z0-9+/=]+)$/i.exec(header)?.[1];
      const text = basic === undefined ? '' : Buffer.from(basic, 'base64').toString('utf8');
      // Of a header that came twice nothing counts.
      return keyText.test(text) ? byText(text, at) : refuse(at, 'invalid_client');
    },
  };
}
