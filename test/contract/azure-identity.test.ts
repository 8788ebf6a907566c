import { startWitness, type Witness } from '../support/witness.ts';

describe('@azure/identity, unmodified', () => {
  let witness: Witness;
  let outcomes: Record<string, unknown>;
  beforeAll(async () => {
    witness = await startWitness();
    outcomes = await witness.run('azure-identity.ts');
  }, 90_000);
  afterAll(() => witness?.stop());

  it.each(['secret', 'certificate', 'assertion', 'workload'])('gets an app-only token by %s', (kind) => {
    const { tenantId, clientId } = witness.tenant;
    const aud = 'https://graph.microsoft.com';
    expect(outcomes[kind]).toEqual({ idtyp: 'app', aud, appid: clientId, tid: tenantId, later: true });
  });

  it.each(['managed identity', 'default'])('gets a token of the managed identity by %s', (kind) => {
    expect(outcomes[kind]).toMatchObject({ idtyp: 'app', aud: 'https://vault.azure.net', later: true });
  });

  it('is refused an identity that is not assigned, and a wrong secret', () => {
    expect(outcomes['managed identity of another']).toHaveProperty('error');
    expect(outcomes['wrong secret']).toMatchObject({
      message: expect.stringMatching(/AADSTS7000215|invalid_client/),
    });
  });
});
