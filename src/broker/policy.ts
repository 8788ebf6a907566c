import { z } from 'zod';
import { sha256 } from './digest.ts';
import { normaliseScope } from './scopes.ts';

export const policyName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'use lower-case letters, digits and hyphens, at most 63');

const text = z.string().min(1).max(512);

/** Every member is compared exactly; there are no patterns. An unknown member is refused, not ignored. */
const policyCaller = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('api_key'),
    id: z.string().regex(/^cal_[a-z2-7]{20}$/, 'must be the id of a caller'),
  }),
  z.strictObject({
    kind: z.literal('oidc'),
    issuer: z.url().max(512),
    subject: text,
    /** Claims that the token must carry too, each with exactly this text. */
    claims: z.record(z.string().min(1).max(128), text).optional(),
  }),
]);

const policyGrant = z.strictObject({
  /** Alias of a connection (follows it through a new sign-in), or its id. */
  connection: text,
  /** Graph permissions that a token may carry, or `.default` for whatever the connection holds. */
  scopes: z
    .array(
      z
        .string()
        .regex(/^[\x21\x23-\x5b\x5d-\x7e]{1,256}$/, 'is not a scope')
        .transform(normaliseScope),
    )
    .min(1)
    .max(100),
  /** The longest remaining life, in seconds, that the caller may ask for with `min_ttl`. */
  maxTtlSeconds: z.number().int().min(1).max(86_400).optional(),
});

export const policySchema = z.strictObject({ name: policyName, caller: policyCaller, grant: policyGrant });

/** Which caller may get which scopes from which connection. What no policy grants is denied. */
export type Policy = z.output<typeof policySchema>;

/** Who asks, after it has proved it. Issuer and caller id live in different kinds, so that no name can pass for another. */
export type CallerIdentity =
  | { readonly kind: 'api_key'; readonly id: string; readonly name: string }
  | {
      readonly kind: 'oidc';
      readonly issuer: string;
      readonly subject: string;
      readonly claims: Readonly<Record<string, unknown>>;
    };

/** SHA-256 of what the policy says, whatever the order of its members. */
export function policyHash(policy: Policy): string {
  return sha256(canonical(policy));
}

/** True when the policy speaks of this caller. */
export function matchesCaller(policy: Policy, identity: CallerIdentity): boolean {
  const wanted = policy.caller;
  if (wanted.kind === 'api_key') return identity.kind === 'api_key' && identity.id === wanted.id;
  if (identity.kind !== 'oidc') return false;
  if (identity.issuer !== wanted.issuer || identity.subject !== wanted.subject) return false;
  return Object.entries(wanted.claims ?? {}).every(
    ([name, value]) => Object.hasOwn(identity.claims, name) && claimText(identity.claims[name]) === value,
  );
}

/** True when the policy speaks of this connection: by id when it names an id, else by alias. */
export function matchesConnection(policy: Policy, connection: { id: string; alias: string }): boolean {
  const named = policy.grant.connection;
  return named.startsWith('con_') ? named === connection.id : named === connection.alias;
}

/** Tokens carry numbers and booleans too (`repository_id`); a list or an object equals nothing. */
function claimText(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined;
}

function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, member]) => `${JSON.stringify(name)}:${canonical(member)}`);
  return `{${members.join(',')}}`;
}
