import { z } from 'zod';
import { type CallerIdentity, claimText } from './caller-identity.ts';
import type { Trial } from './decide.ts';
import { type Policy, policyHash } from './policy.ts';
import type { Person } from './sessions.ts';

/** What can be decided. */
export type AuditAction =
  | 'token.issue'
  | 'graph.call'
  | 'cli.sign_in'
  | 'caller.create'
  | 'caller.delete'
  | 'caller_key.create'
  | 'caller_key.delete'
  | 'policy.put'
  | 'policy.delete'
  | 'connection.create'
  | 'connection.delete'
  | 'connection.sign_in'
  | 'connection.sign_out'
  | 'connection.rename'
  | 'connection.enable'
  | 'connection.disable'
  | 'person.export'
  | 'person.erase'
  | 'consent_link.create'
  | 'rule.put'
  | 'rule.delete'
  | 'rule.replay'
  | 'operation.undo'
  | 'poison.retry'
  | 'job.put'
  | 'job.delete'
  | 'job.run'
  | 'run.cancel'
  | 'run.retry'
  | 'key.rotate'
  | 'key.retire'
  | 'notice.test';

const actor = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('api_key'), id: z.string(), name: z.string() }),
  z.object({
    kind: z.literal('oidc'),
    issuer: z.string(),
    subject: z.string(),
    /** Those that the policy asked for. A list, because nobody knows the names that will come. */
    claims: z.array(z.object({ name: z.string(), value: z.string() })).optional(),
  }),
  z.object({ kind: z.literal('person'), objectId: z.string(), name: z.string() }),
  /** Somebody who did not prove who it is. */
  z.object({ kind: z.literal('unknown') }),
]);

/**
 * One decision. No member ever holds a token, a key or a code. Names of actions and reasons are open when read, so that
 * rows of other versions stay readable.
 */
export const auditEventSchema = z.object({
  id: z.string(),
  /** Milliseconds since 1970. */
  time: z.number(),
  requestId: z.string(),
  action: z.string(),
  /** `failed`: it was allowed, but came to nothing. */
  outcome: z.enum(['granted', 'refused', 'failed']),
  /** `ok`, or the stable code of why not. */
  reason: z.string(),
  actor,
  connection: z.object({ id: z.string(), alias: z.string() }).optional(),
  /** What the caller named, where it is no connection that it may have. */
  audience: z.string().optional(),
  scopes: z.array(z.string()).optional(),
  policy: z.object({ name: z.string(), hash: z.string() }).optional(),
  /** How the caller asked to be served. */
  delivery: z.string().optional(),
  /** Of a call through the proxy: its path, without the query. */
  request: z.object({ method: z.string(), path: z.string() }).optional(),
  /** What policies in audit mode would have decided. */
  trials: z.array(z.object({ name: z.string(), hash: z.string(), outcome: z.string() })).optional(),
  /** Hex; finds the token in Microsoft's or a service's log without being one. */
  tokenSha256: z.string().optional(),
  source: z.enum(['memory', 'store', 'entra']).optional(),
  /** Id or name of the thing that a person changed. */
  target: z.string().optional(),
});

export type AuditEvent = z.infer<typeof auditEventSchema>;
export type AuditActor = z.infer<typeof actor>;
export type NewAuditEvent = Omit<AuditEvent, 'id' | 'time' | 'action'> & { readonly action: AuditAction };

/** A caller as the audit names it: of its claims only those that the policy compares. */
export function auditActorOf(identity: CallerIdentity, policy?: Policy): AuditActor {
  if (identity.kind === 'api_key') return { kind: 'api_key', id: identity.id, name: identity.name };
  if (identity.kind === 'session') return auditPerson(identity);
  const names = policy?.caller.kind === 'oidc' ? Object.keys(policy.caller.claims ?? {}) : [];
  const compared = names.flatMap((name) => {
    const value = claimText(identity.claims[name]);
    return value === undefined ? [] : [{ name, value: value.slice(0, 512) }];
  });
  return {
    kind: 'oidc',
    issuer: identity.issuer,
    subject: identity.subject.slice(0, 512),
    ...(compared.length > 0 ? { claims: compared } : {}),
  };
}

/** A person of the console as the audit names it. */
export function auditPerson(person: Pick<Person, 'objectId' | 'name'>): AuditActor {
  return { kind: 'person', objectId: person.objectId, name: person.name };
}

/** What policies in audit mode said, where there are any. */
export function auditTrials(trials: readonly Trial[]): Pick<AuditEvent, 'trials'> {
  if (trials.length === 0) return {};
  return {
    trials: trials
      .slice(0, 20)
      .map(({ policy, outcome }) => ({ name: policy.name, hash: policyHash(policy), outcome })),
  };
}
