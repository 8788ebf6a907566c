import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { type ApiStage, createApiStage } from '../support/api-stage.ts';

describe('the managed-identity endpoint, met by clients that nobody here wrote', () => {
  let stage: ApiStage;
  let outcomes: Record<string, unknown>;
  beforeAll(async () => {
    stage = await createApiStage();
    const person = await stage.connect('admin');
    const script = await stage.caller();
    const grant = { connection: ['contoso', person.alias], delivery: ['identity'], scopes: ['.default'] };
    await stage.put('sdk', { caller: { kind: 'api_key', id: script.id }, grant });
    const file = path.join(import.meta.dirname, 'witness/valet-identity.ts');
    const { stdout } = await promisify(execFile)(process.execPath, [file], {
      env: {
        PATH: process.env.PATH ?? '',
        IDENTITY_ENDPOINT: `${stage.site.url}/identity`,
        IDENTITY_HEADER: `${script.id}.${script.key}`,
        FIRST: 'contoso',
        SECOND: person.alias,
      },
      timeout: 60_000,
    });
    outcomes = JSON.parse(stdout.trim().split('\n').at(-1) ?? '{}');
  }, 90_000);
  afterAll(() => stage?.stop());

  it('gives @azure/identity the token of the connection that client_id names', () => {
    const graph = { aud: 'https://graph.microsoft.com', later: true };
    expect(outcomes['azure, named']).toMatchObject({ ...graph, idtyp: 'app' });
    expect(outcomes['azure, another']).toMatchObject({ ...graph, idtyp: 'user' });
  });

  it('gives msal-node one too', () => {
    expect(outcomes.msal).toEqual({ aud: 'https://graph.microsoft.com', later: true });
  });

  it('tells them why not, in words that reach the user', () => {
    expect(outcomes['azure, denied']).toMatchObject({
      message: expect.stringContaining('No policy lets this caller'),
    });
    expect(outcomes['azure, unnamed']).toMatchObject({ message: expect.stringContaining('client_id') });
  });
});
