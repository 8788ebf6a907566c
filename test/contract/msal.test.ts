import { startWitness, type Witness } from '../support/witness.ts';

describe('@azure/msal-node, unmodified, under Microsoft’s host names', () => {
  let witness: Witness;
  let outcomes: Record<string, unknown>;
  beforeAll(async () => {
    witness = await startWitness();
    outcomes = await witness.run('msal.ts');
  }, 90_000);
  afterAll(() => witness?.stop());

  const person = () => witness.tenant.users[1]?.upn;
  const plain = () => witness.tenant.users.find((user) => user.upn.startsWith('farid'))?.upn;
  const graph = 'https://graph.microsoft.com';

  it.each([
    ['code', () => ({ username: person(), idtyp: 'user', aud: graph, fromCache: false, appidacr: '1' })],
    ['silent', () => ({ username: person(), fromCache: true })],
    ['silent forced', () => ({ username: person(), fromCache: false })],
    ['refresh token', () => ({ idtyp: 'user', aud: graph })],
    ['refresh token again', () => ({ idtyp: 'user', aud: graph })],
    ['secret', () => ({ idtyp: 'app', aud: graph, appidacr: '1' })],
    ['certificate PS256', () => ({ idtyp: 'app', appidacr: '2' })],
    ['certificate RS256', () => ({ idtyp: 'app', appidacr: '2' })],
    ['federated assertion', () => ({ idtyp: 'app', appidacr: '2' })],
    ['password', () => ({ username: plain(), idtyp: 'user' })],
    ['device code', () => ({ username: plain(), idtyp: 'user', appidacr: '0' })],
    [
      'public password, silent, refresh token',
      () => ({ username: plain(), appidacr: '0', silent: plain(), again: '0', left: 0 }),
    ],
    ['public code', () => ({ username: plain(), idtyp: 'user', appidacr: '0' })],
    ['interactive', () => ({ username: plain(), idtyp: 'user', appidacr: '0' })],
  ])('gets a token by %s', (step, expected) => {
    expect(outcomes[step]).toMatchObject(expected());
  });

  it('exchanges its own token on behalf of the person', () => {
    expect(outcomes['on behalf of']).toMatchObject({ username: person(), idtyp: 'user' });
  });

  it('keeps one account after one sign-in', () => {
    expect(outcomes.accounts).toEqual([person()]);
  });

  it.each([
    ['code twice', 'invalid_grant', /AADSTS54005/],
    ['wrong verifier', 'invalid_grant', /AADSTS501481/],
    ['scope without consent', 'invalid_grant', /AADSTS65001/],
    ['wrong secret', 'invalid_client', /AADSTS7000215/],
    ['on behalf of a Graph token', 'invalid_grant', /AADSTS500131/],
    ['password with MFA', 'invalid_grant', /AADSTS50076/],
    ['wrong password', 'invalid_grant', /AADSTS50126/],
  ])('is refused for %s with the code of Entra', (step, error, message) => {
    expect(outcomes[step]).toMatchObject({ error, message: expect.stringMatching(message) });
  });

  it('tells that a person is needed by suberror, so that MSAL asks for interaction', () => {
    expect(outcomes['scope without consent']).toMatchObject({ subError: 'consent_required' });
    expect(outcomes['password with MFA']).toMatchObject({ subError: 'basic_action' });
  });

  it('is served through the proxy, which refuses every other host', async () => {
    const { counts } = (await witness.control('GET', '/control/calls')) as {
      counts: Record<string, Record<string, unknown>>;
    };
    expect(Object.keys(counts.login ?? {})).toContain('POST /:tenant/oauth2/v2.0/token');
  });
});
