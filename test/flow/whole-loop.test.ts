import { consent } from '../../src/local/demo/steps/consent.ts';
import { fileOperation } from '../../src/local/demo/steps/file-operation.ts';
import { report } from '../../src/local/demo/steps/report.ts';
import { signIn } from '../../src/local/demo/steps/sign-in.ts';
import { tokenApp } from '../../src/local/demo/steps/token-app.ts';
import { tokenUser } from '../../src/local/demo/steps/token-user.ts';
import { type FlowStack, startFlowStack } from '../support/flow-stack.ts';

describe('the whole product over HTTP', () => {
  let flow: FlowStack;
  beforeAll(async () => {
    flow = await startFlowStack();
  }, 60_000);
  afterAll(() => flow?.stop());

  it('signs a person in with MFA and greets them by what Graph says', () => signIn(flow.world));
  it('gives a caller a token of a person who has signed in', async () => {
    await signIn(flow.world);
    await tokenUser(flow.world);
  });
  it('gives a caller an app-only token, and nothing that no policy names', () => tokenApp(flow.world));
  it('runs a job whose report lands in a folder of the drive', () => report(flow.world), 60_000);
  it('files a new document after a change notification, once', () => fileOperation(flow.world), 60_000);
  it('takes the consent of another company by a link that works once', () => consent(flow.world), 60_000);

  it('leaves no token, key, code or state in what it writes', async () => {
    const secrets = [flow.world.seeded.callerKey, flow.stack.tenant.clientSecret];
    secrets.push((await flow.world.token({ audience: flow.world.seeded.connection })).access_token);
    const written = flow.lines.join('\n');
    expect(flow.lines.length).toBeGreaterThan(0);
    for (const secret of secrets) expect(written).not.toContain(secret);
    expect(written).not.toMatch(/eyJ[\w-]{10,}\.[\w-]{10,}/);
    expect(written).not.toMatch(/[?&](code|state|key|client_secret)=/);
  });
});
