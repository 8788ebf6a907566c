import { z } from 'zod';
import { sha256 } from './digest.ts';
import { graphResource } from './issued-token.ts';
import { patternProblem } from './match-text.ts';
import { proxyRuleSchema } from './proxy-rule.ts';
import { normaliseScope } from './scopes.ts';

export const policyName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'use lower-case letters, digits and hyphens, at most 63');

const pattern = z
  .string()
  .min(1)
  .max(512)
  .superRefine((text, context) => {
    const problem = patternProblem(text);
    if (problem) context.addIssue(problem);
  });
const patterns = z
  .union([pattern, z.array(pattern).min(1).max(50)])
  .describe('A text, or several of which one must fit; * stands for characters other than / and :');

/** An unknown member is refused, not ignored. */
const policyCaller = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('api_key'),
    id: z.string().regex(/^cal_[a-z2-7]{20}$/, 'must be the id of a caller'),
  }),
  z.strictObject({
    kind: z.literal('oidc'),
    issuer: z.url().max(512).describe('Compared exactly'),
    subject: patterns.optional(),
    claims: z
      .record(z.string().min(1).max(128), patterns)
      .optional()
      .describe('Claims that the token must carry too'),
    maxAgeSeconds: z
      .int()
      .min(60)
      .max(86_400)
      .optional()
      .describe('A token that was issued longer ago is refused'),
    singleUse: z.boolean().optional().describe('Each token of the issuer is accepted once'),
  }),
  z.strictObject({
    kind: z
      .literal('session')
      .describe('A person who is signed in here, for a token of their own connection'),
    people: z
      .array(z.guid())
      .min(1)
      .max(200)
      .optional()
      .describe('Object ids; everybody who can sign in unless given'),
    programs: z
      .boolean()
      .optional()
      .describe(
        'Also for programs that the person let in, such as the command line; the console alone unless given',
      ),
  }),
]);

export const deliveries = ['proxy', 'token', 'identity'] as const;

/** How a caller is served: Graph through the proxy, a token, or a token at the managed-identity endpoint. */
export type Delivery = (typeof deliveries)[number];

const policyGrant = z.strictObject({
  connection: patterns.describe(
    'Alias of a connection (follows it through a new sign-in), its id, or user/{object id} for a person whose own token the caller brings; user/* is everybody',
  ),
  delivery: z
    .array(z.enum(deliveries))
    .min(1)
    .default(['proxy'])
    .describe('How the caller is served; a token never leaves with proxy alone'),
  resources: z
    .array(z.string().min(1).max(200))
    .min(1)
    .max(10)
    .default([graphResource])
    .describe('Identifiers of the APIs that a token may be for'),
  scopes: z
    .array(
      z
        .string()
        .regex(/^[\x21\x23-\x5b\x5d-\x7e]{1,256}$/, 'is not a scope')
        .transform(normaliseScope),
    )
    .min(1)
    .max(100)
    .describe('Permissions that a token may carry, or .default for whatever the connection holds'),
  minTtlSeconds: z
    .int()
    .min(1)
    .max(3_300)
    .optional()
    .describe('A token given lives at least this long, also where the caller does not ask for it'),
  maxTtlSeconds: z
    .int()
    .min(1)
    .max(86_400)
    .optional()
    .describe('The longest remaining life that the caller may ask for with min_ttl'),
  handleSeconds: z
    .int()
    .min(60)
    .max(90 * 86_400)
    .optional()
    .describe(
      'With user/…: how long the caller may go on without the person, by a handle; not at all unless given',
    ),
  requestsPerMinute: z.int().min(1).max(100_000).optional().describe('Of one caller to one instance'),
  proxy: z
    .array(proxyRuleSchema)
    .min(1)
    .max(100)
    .optional()
    .describe('What may be called through the proxy; what no rule names is refused'),
});

export const policySchema = z.strictObject({
  name: policyName,
  mode: z
    .enum(['enforce', 'audit'])
    .default('enforce')
    .describe('audit: grants nothing; the audit says what it would have decided'),
  auditUntil: z.iso
    .datetime({ offset: true })
    .optional()
    .describe('When a policy in audit mode stops to have any effect'),
  caller: policyCaller,
  grant: policyGrant,
});

/** Which caller may get which scopes from which connection. What no policy grants is denied. */
export type Policy = z.output<typeof policySchema>;

/** What is wrong with a policy that has the right shape: it would promise what it can't keep, or be open to too many. */
export function policyProblems(policy: Policy, now: number): string[] {
  const { caller, grant, mode, auditUntil } = policy;
  const problems: string[] = [];
  if (caller.kind === 'oidc' && caller.subject === undefined && !Object.keys(caller.claims ?? {}).length) {
    problems.push('caller: name the subject or at least one claim; an issuer alone is everybody there');
  }
  if (caller.kind === 'oidc' && new URL(caller.issuer).hostname === azurePipelinesHost) {
    const pinned = ['org_id', 'prj_id', 'def_id'].every((name) => Object.hasOwn(caller.claims ?? {}, name));
    if (!pinned || !caller.singleUse) {
      problems.push(
        'caller: tokens of Azure Pipelines are made for everybody; name the claims org_id, prj_id and def_id, and set singleUse',
      );
    }
  }
  if (caller.kind === 'session' && grant.delivery.join() !== 'token') {
    problems.push('grant.delivery: a person in the console is served by ["token"] and by nothing else');
  }
  if (grant.delivery.includes('proxy') && !grant.proxy) {
    problems.push(
      'grant.proxy: say which methods and paths of Graph the caller may use, or set grant.delivery to ["token"]',
    );
  }
  if (grant.proxy && !grant.delivery.includes('proxy')) {
    problems.push('grant.proxy: has no effect without "proxy" in grant.delivery');
  }
  if ((grant.minTtlSeconds ?? 0) > (grant.maxTtlSeconds ?? Number.POSITIVE_INFINITY)) {
    problems.push('grant.minTtlSeconds: is longer than maxTtlSeconds');
  }
  const until = auditUntil === undefined ? undefined : Date.parse(auditUntil);
  if (mode === 'audit' && (until === undefined || until <= now || until > now + longestAuditMs)) {
    problems.push('auditUntil: audit mode needs a date within the next 90 days');
  }
  if (mode === 'enforce' && until !== undefined) problems.push('auditUntil: belongs to audit mode only');
  return problems;
}

/** Azure Pipelines can't be told for whom its tokens are. */
export const azurePipelinesHost = 'vstoken.dev.azure.com';

const longestAuditMs = 90 * 24 * 60 * 60_000;

/** A policy in force decides many requests before it is read again. */
const hashes = new WeakMap<Policy, string>();

/** SHA-256 of what the policy says, whatever the order of its members. */
export function policyHash(policy: Policy): string {
  const known = hashes.get(policy);
  if (known) return known;
  const hash = sha256(canonical(policy));
  hashes.set(policy, hash);
  return hash;
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
