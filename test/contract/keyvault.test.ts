import { startWitness, type Witness } from '../support/witness.ts';

describe('@azure/keyvault-secrets and @azure/keyvault-keys, unmodified', () => {
  let witness: Witness;
  let outcomes: Record<string, unknown>;
  beforeAll(async () => {
    witness = await startWitness();
    outcomes = await witness.run('keyvault.ts');
  }, 90_000);
  afterAll(() => witness?.stop());

  it('keeps versions of secrets and gives the newest', () => {
    expect(outcomes).toMatchObject({ set: 'first', 'set again': 'second', get: 'second', versions: 2 });
    expect(outcomes.list).toEqual(
      expect.arrayContaining(['graph-valet-cache-key', 'graph-valet-client-secret', 'witness']),
    );
  });

  it('refuses a disabled secret and one that is not there, as the service does', () => {
    expect(outcomes.disabled).toMatchObject({ error: 'Forbidden' });
    expect(outcomes.missing).toMatchObject({ error: 'SecretNotFound' });
  });

  it('deletes softly: the name is blocked, recovery brings it back, purging ends it', () => {
    expect(outcomes['delete and recover']).toEqual([409, 'value']);
    expect(outcomes.purge).toMatchObject({ error: 'SecretNotFound' });
    expect(outcomes.backup).toBe('value');
    expect(outcomes['delete and recover a key']).toBe(409);
  });

  it('wraps and unwraps a key, signs and verifies, and never gives the private half', () => {
    expect(outcomes.wrap).toBe(true);
    expect(outcomes.sign).toEqual([true, false]);
    expect(outcomes['list keys']).toEqual(['wrapping']);
  });
});
