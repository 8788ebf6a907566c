import { decide } from '../../src/broker/decide.ts';
import type { Ask } from '../../src/broker/judge.ts';
import { matchesText, patternProblem } from '../../src/broker/match-text.ts';
import { createPolicies } from '../../src/broker/policies.ts';
import { type Policy, policySchema } from '../../src/broker/policy.ts';
import { AppError } from '../../src/errors.ts';

const now = Date.UTC(2026, 10, 24, 12);
const callerId = `cal_${'a'.repeat(20)}`;

function policy(
  name: string,
  more: { grant?: object; caller?: object; mode?: string; auditUntil?: string } = {},
): Policy {
  const { grant, caller, ...rest } = more;
  return policySchema.parse({
    name,
    caller: caller ?? { kind: 'api_key', id: callerId },
    grant: {
      connection: 'contoso',
      delivery: ['token'],
      scopes: ['Files.Read.All', 'User.Read.All'],
      ...grant,
    },
    ...rest,
  });
}

function ask(more: Partial<Ask> = {}): Ask {
  return {
    caller: { kind: 'api_key', id: callerId, name: 'script' },
    connection: { id: 'con_one', alias: 'contoso' },
    delivery: 'token',
    resource: 'https://graph.microsoft.com',
    scopes: [],
    minTtlSeconds: 0,
    now,
    ...more,
  };
}

describe('a policy', () => {
  it('[24] reads | and . as themselves, and * never crosses / or :', () => {
    expect(matchesText('a|b', 'aX')).toBe(false);
    expect(matchesText('a|b', 'Xb')).toBe(false);
    expect(matchesText('a|b', 'a|b')).toBe(true);
    expect(matchesText('repo:contoso/web.site:*', 'repo:contoso/webXsite:main')).toBe(false);
    expect(matchesText('repo:contoso/*:ref:refs/heads/main', 'repo:contoso/site:ref:refs/heads/main')).toBe(
      true,
    );
    expect(
      matchesText(
        'repo:contoso/*:ref:refs/heads/main',
        'repo:contoso/x:ref:refs/heads/main:ref:refs/heads/main',
      ),
    ).toBe(false);
    expect(matchesText('repo:contoso/*', 'repo:contoso/site:ref:refs/heads/main')).toBe(false);
    expect(matchesText('refs/heads/*', 'refs/heads/a/b')).toBe(false);
    expect(matchesText('refs/heads/*', 'refs/heads/')).toBe(false);
    expect(matchesText('release-*-x', 'release-1-x')).toBe(true);
    expect(matchesText('release-*-x', 'release--x')).toBe(false);
    expect(matchesText('a*b*c', 'aXbYc')).toBe(true);
    expect(matchesText('a*b*c', 'abc')).toBe(false);
    expect(matchesText('a*a', 'a')).toBe(false);
  });

  it('[24] may not fit everything', () => {
    expect(patternProblem('*')).toBeDefined();
    expect(patternProblem('*:*')).toBeDefined();
    expect(patternProblem('repo:**')).toBeDefined();
    expect(patternProblem('repo:*')).toBeUndefined();
  });

  it('[25] never gives an account, API or scope outside its grant, whatever is asked', () => {
    const policies = [
      policy('a', { grant: { connection: 'contoso', scopes: ['Files.Read.All'] } }),
      policy('b', { grant: { connection: 'fabrikam', scopes: ['Mail.Send'], maxTtlSeconds: 600 } }),
      policy('c', { grant: { connection: 'team-*', scopes: ['User.Read.All'], resources: ['api://own'] } }),
      policy('d', {
        caller: { kind: 'oidc', issuer: 'https://i.example', subject: 's' },
        grant: { scopes: ['.default'] },
      }),
    ];
    const pick = <T>(list: readonly T[], seed: number): T => list[seed % list.length] as T;
    let granted = 0;
    let seed = 7;
    const next = () => {
      seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
      return seed >> 8;
    };
    for (let round = 0; round < 20_000; round += 1) {
      const asked = ask({
        connection: pick(
          [
            undefined,
            ...['contoso', 'fabrikam', 'team-x', 'team-', 'other'].map((alias) => ({
              id: `con_${alias}`,
              alias,
            })),
          ],
          next(),
        ),
        resource: pick(
          ['https://graph.microsoft.com', 'api://own', 'https://contoso.sharepoint.com'],
          next(),
        ),
        scopes: pick(
          [
            [],
            ['.default'],
            ['Files.Read.All'],
            ['mail.send'],
            ['Mail.Send', 'Files.Read.All'],
            ['User.Read.All'],
            ['Sites.FullControl.All'],
          ],
          next(),
        ),
        minTtlSeconds: pick([0, 500, 700, 4_000], next()),
        delivery: pick(['token', 'proxy', 'identity'] as const, next()),
      });
      const decision = decide(asked, policies);
      if (decision.outcome !== 'granted') continue;
      granted += 1;
      const { grant } = decision.policy;
      expect(decision.policy.caller).toEqual({ kind: 'api_key', id: callerId });
      expect(matchesText(String(grant.connection), asked.connection?.alias ?? '')).toBe(true);
      expect(grant.resources).toContain(asked.resource);
      expect(grant.delivery).toContain(asked.delivery);
      for (const scope of decision.scopes) {
        expect(grant.scopes.map((each) => each.toLowerCase())).toContain(scope.toLowerCase());
      }
      expect(asked.minTtlSeconds).toBeLessThanOrEqual(grant.maxTtlSeconds ?? 3_300);
    }
    expect(granted).toBeGreaterThan(100);
  });

  it('[26] refuses a wider scope and narrows nothing', () => {
    const decision = decide(ask({ scopes: ['Files.Read.All', 'Mail.Send'] }), [policy('a')]);
    expect(decision).toMatchObject({
      outcome: 'refused',
      reason: 'scope_beyond_policy',
      failure: { field: 'grant.scopes' },
    });
  });

  it('does not add up the grants of two policies', () => {
    const two = [
      policy('a', { grant: { scopes: ['Files.Read.All'] } }),
      policy('b', { grant: { scopes: ['Mail.Send'] } }),
    ];
    expect(decide(ask({ scopes: ['Files.Read.All', 'Mail.Send'] }), two).outcome).toBe('refused');
  });

  it('[27] grants nothing in audit mode, says what it would have done, and stops by its date', () => {
    const auditUntil = new Date(now + 60_000).toISOString();
    const narrow = policy('narrow', { grant: { scopes: ['Files.Read.All'] } });
    const wide = policy('wide', { mode: 'audit', auditUntil, grant: { scopes: ['Mail.Send'] } });
    const refused = decide(ask({ scopes: ['Mail.Send'] }), [narrow, wide]);
    expect(refused.outcome).toBe('refused');
    expect(refused.trials).toMatchObject([{ policy: { name: 'wide' }, outcome: 'granted' }]);

    const granted = decide(ask({ scopes: ['Files.Read.All'] }), [narrow, wide]);
    expect(granted).toMatchObject({ outcome: 'granted', policy: { name: 'narrow' } });
    expect(granted.trials).toMatchObject([{ outcome: 'refused' }]);

    expect(decide(ask({ scopes: ['Mail.Send'], now: now + 60_000 }), [narrow, wide]).trials).toEqual([]);
    expect(decide(ask(), [wide]).outcome).toBe('refused');
  });

  it('compares claims, ages and texts of tokens member by member', () => {
    const caller = {
      kind: 'oidc',
      issuer: 'https://i.example',
      subject: ['repo:contoso/*:environment:production'],
      claims: { repository_id: '74', ref: ['refs/heads/main', 'refs/tags/*'] },
      maxAgeSeconds: 300,
    };
    const identity = (claims: object, issuedAt = now) =>
      ask({
        caller: {
          kind: 'oidc',
          issuer: 'https://i.example',
          subject: 'repo:contoso/site:environment:production',
          claims: { repository_id: 74, ref: 'refs/tags/v1', ...claims },
          proof: { sha256: 'x', issuedAt, expiresAt: now + 1 },
        },
      });
    const only = [policy('a', { caller })];
    expect(decide(identity({}), only).outcome).toBe('granted');
    const fieldOf = (each: Ask) => {
      const decision = decide(each, only);
      return decision.outcome === 'refused' ? decision.failure?.field : 'granted';
    };
    expect(fieldOf(identity({ ref: 'refs/heads/x' }))).toBe('caller.claims.ref');
    expect(fieldOf(identity({ repository_id: ['74'] }))).toBe('caller.claims.repository_id');
    expect(fieldOf(identity({}, now - 301_000))).toBe('caller.maxAgeSeconds');
    expect(fieldOf(ask())).toBe('caller.kind');
  });
});

describe('[23] a set of policies that can’t be relied on', () => {
  const rows = (work: () => readonly Policy[]) => ({
    table: () => ({
      async *list() {
        for (const value of work()) yield { row: value.name, value };
      },
    }),
  });
  const away = () => {
    throw new AppError('storage_unavailable', 'away');
  };

  it('denies everything when it is empty, and throws when it was never read', async () => {
    expect(decide(ask(), []).outcome).toBe('refused');
    const ports = { clock: () => now, log: { info() {}, warn() {}, error() {} } };
    const unread = createPolicies({ storage: rows(away) as never, ports });
    await expect(unread.inForce()).rejects.toThrow('away');
  });

  it('goes on with the last good one for five minutes, and no longer', async () => {
    let time = now;
    let work: () => readonly Policy[] = () => [policy('a')];
    const lines: string[] = [];
    const log = { info() {}, warn() {}, error: (event: string) => void lines.push(event) };
    const policies = createPolicies({
      storage: rows(() => work()) as never,
      ports: { clock: () => time, log },
    });
    expect(await policies.inForce()).toHaveLength(1);

    work = away;
    time += 60_000;
    expect(await policies.inForce()).toHaveLength(1);
    expect(lines).toEqual(['policies_stale']);

    time += 4 * 60_000;
    await expect(policies.inForce()).rejects.toThrow('away');
    work = () => [];
    time += 6_000;
    expect(await policies.inForce()).toEqual([]);
  });
});
