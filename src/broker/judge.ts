import { type CallerIdentity, claimText } from './caller-identity.ts';
import { isTheirs } from './connection.ts';
import { matchesAny } from './match-text.ts';
import type { Delivery, Policy } from './policy.ts';
import { type ProxyRequest, ruleFor } from './proxy-rule.ts';
import { allScopes, scopesBeyond } from './scopes.ts';

/** What a caller wants, with the audience looked up. */
export interface Ask {
  readonly caller: CallerIdentity;
  /** What the named audience is; undefined when there is no such connection. */
  readonly connection: AskedConnection | undefined;
  readonly delivery: Delivery;
  /** Identifier of the API, without a trailing slash. */
  readonly resource: string;
  /** Empty: whatever the policy grants. */
  readonly scopes: readonly string[];
  readonly minTtlSeconds: number;
  /** With delivery `proxy`: the call itself. */
  readonly request?: ProxyRequest | undefined;
  /** Milliseconds since 1970. */
  readonly now: number;
}

export interface AskedConnection {
  readonly id: string;
  readonly alias: string;
  /** Whose it is; a person is served from none but theirs. */
  readonly kind?: 'user' | 'app';
  readonly tenantId?: string;
  readonly objectId?: string | undefined;
  readonly createdBy?: string;
}

export type RefusalReason =
  | 'no_such_connection'
  | 'no_policy'
  | 'delivery_beyond_policy'
  | 'resource_beyond_policy'
  | 'scope_beyond_policy'
  | 'min_ttl_beyond_policy'
  | 'request_beyond_policy';

/** One member of a policy that does not fit what is asked. */
export interface Failure {
  /** Such as `caller.claims.repository_id`. */
  readonly field: string;
  readonly reason: RefusalReason;
  /** What the policy says, and what was asked. */
  readonly wanted: unknown;
  readonly given: unknown;
}

type Check = (policy: Policy, ask: Ask) => Failure | undefined;

/** The longest remaining life that may be asked for where the policy doesn't say: below an hour, what Entra gives. */
const defaultMaxTtlSeconds = 3_300;

const failure = (field: string, reason: RefusalReason, wanted: unknown, given: unknown): Failure => ({
  field,
  reason,
  wanted,
  given,
});

const caller: Check = ({ caller: wanted }, { caller: given, now }) => {
  const no = (member: string, is: unknown, was: unknown) => failure(`caller.${member}`, 'no_policy', is, was);
  const otherKind = () => no('kind', wanted.kind, given.kind);
  if (wanted.kind === 'api_key') {
    if (given.kind !== 'api_key') return otherKind();
    return wanted.id === given.id ? undefined : no('id', wanted.id, given.id);
  }
  if (wanted.kind === 'session') {
    if (given.kind !== 'session') return otherKind();
    const { people } = wanted;
    const meant = people === undefined || people.some((each) => sameId(each, given.objectId));
    if (!meant) return no('people', people, given.objectId);
    return given.program && !wanted.programs ? no('programs', wanted.programs ?? false, true) : undefined;
  }
  if (given.kind !== 'oidc') return otherKind();
  if (wanted.issuer !== given.issuer) return no('issuer', wanted.issuer, given.issuer);
  if (wanted.subject !== undefined && !matchesAny(wanted.subject, given.subject)) {
    return no('subject', wanted.subject, given.subject);
  }
  for (const [name, patterns] of Object.entries(wanted.claims ?? {})) {
    const value = Object.hasOwn(given.claims, name) ? claimText(given.claims[name]) : undefined;
    if (value === undefined || !matchesAny(patterns, value)) return no(`claims.${name}`, patterns, value);
  }
  const { maxAgeSeconds } = wanted;
  const age = given.proof && Math.floor((now - given.proof.issuedAt) / 1000);
  if (maxAgeSeconds !== undefined && age !== undefined && age > maxAgeSeconds) {
    return no('maxAgeSeconds', maxAgeSeconds, age);
  }
  return undefined;
};

const connection: Check = ({ grant }, { caller: given, connection: asked }) => {
  if (!asked || !namesConnection(grant.connection, asked)) {
    return failure('grant.connection', 'no_policy', grant.connection, asked?.alias);
  }
  const { kind = 'app', ...facts } = asked;
  return given.kind !== 'session' || isTheirs({ kind, ...facts }, given)
    ? undefined
    : failure('grant.connection', 'no_policy', 'the person’s own connection', asked.alias);
};

const delivery: Check = ({ grant }, ask) =>
  grant.delivery.includes(ask.delivery)
    ? undefined
    : failure('grant.delivery', 'delivery_beyond_policy', grant.delivery, ask.delivery);

const resource: Check = ({ grant }, ask) =>
  grant.resources.some((each) => sameResource(each, ask.resource))
    ? undefined
    : failure('grant.resources', 'resource_beyond_policy', grant.resources, ask.resource);

/** `.default` from a caller means "what the policy grants", so it is always covered. */
const scopes: Check = ({ grant }, ask) => {
  const asked = ask.scopes.filter((scope) => scope !== allScopes);
  return scopesBeyond(asked, grant.scopes).length === 0
    ? undefined
    : failure('grant.scopes', 'scope_beyond_policy', grant.scopes, asked);
};

const minTtl: Check = ({ grant }, ask) => {
  const longest = grant.maxTtlSeconds ?? defaultMaxTtlSeconds;
  return ask.minTtlSeconds <= longest
    ? undefined
    : failure('grant.maxTtlSeconds', 'min_ttl_beyond_policy', longest, ask.minTtlSeconds);
};

const request: Check = ({ grant }, ask) =>
  ask.request === undefined || ruleFor(grant.proxy ?? [], ask.request)
    ? undefined
    : failure('grant.proxy', 'request_beyond_policy', grant.proxy ?? [], {
        method: ask.request.method,
        path: ask.request.path,
        ...(ask.request.expands ? { expand: true } : {}),
        ...(ask.request.beta ? { beta: true } : {}),
      });

/** In the order in which a person thinks: who, on what, how, and how much. */
const checks: readonly Check[] = [caller, connection, delivery, resource, scopes, minTtl, request];

/** How far a policy goes along with what is asked, and the first member that does not fit. */
export function judge(policy: Policy, ask: Ask): { readonly passed: number; readonly failure?: Failure } {
  for (const [passed, check] of checks.entries()) {
    const found = check(policy, ask);
    if (found) return { passed, failure: found };
  }
  return { passed: checks.length };
}

/** Every member that does not fit. */
export function failuresOf(policy: Policy, ask: Ask): Failure[] {
  return checks.flatMap((check) => check(policy, ask) ?? []);
}

/** True when the policy speaks of this caller. */
export function speaksOf(policy: Policy, ask: Ask): boolean {
  return caller(policy, ask) === undefined;
}

/** By id where the policy names an id, else by alias. */
export function namesConnection(
  patterns: string | readonly string[],
  { id, alias }: { readonly id: string; readonly alias: string },
): boolean {
  const list = typeof patterns === 'string' ? [patterns] : patterns;
  return list.some((each) => (each.startsWith('con_') ? each === id : matchesAny(each, alias)));
}

function sameId(a: string | undefined, b: string): boolean {
  return a?.toLowerCase() === b.toLowerCase();
}

function sameResource(a: string, b: string): boolean {
  const plain = (text: string) => text.replace(/\/$/, '').toLowerCase();
  return plain(a) === plain(b);
}
