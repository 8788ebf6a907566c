import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { startTestHost, type TestHost } from '../../../support/local-host.ts';
import { waitFor } from '../../../support/wait-for.ts';

describe('hooks of the app', () => {
  let host: TestHost;
  beforeAll(async () => {
    host = await startTestHost({ app: 'hooks' });
  });
  afterAll(() => host.child.stop());

  it('may replace the handler before a function runs', async () => {
    expect(await host.json('/hooked')).toEqual({ wrapped: { status: 200 } });
  });

  it('may turn an error into a reply afterwards', async () => {
    const answer = await fetch(`${host.url}/rescued`);
    expect([answer.status, await answer.json()]).toEqual([503, { rescued: true }]);
  });

  it('may change what is logged', async () => {
    await fetch(`${host.url}/hooked`);
    const line = await waitFor(() => host.lines.find((each) => each.includes('was said')));
    expect(line).toContain('a [removed] was said');
  });
});

describe('the end of a local host', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)(
    'lets what is running finish after %s, then ends',
    async (signal) => {
      const host = await startTestHost({ app: 'hooks' });
      const answer = fetch(`${host.url}/slow`);
      await waitFor(() => host.lines.includes('slow has begun'));
      const stopped = host.child.stop(signal);
      expect(await (await answer).text()).toBe('done');
      await stopped;
      expect(await host.child.exited).toEqual({ code: 0, signal: null });
      expect(host.lines).toContain('terminating, started=true');
    },
  );

  it('does not wait at a second signal', async () => {
    const host = await startTestHost({ app: 'hooks' });
    const answer = fetch(`${host.url}/forever`).catch(() => 'cut off');
    await waitFor(() => host.lines.includes('forever has begun'));
    const stopped = host.child.stop();
    // The port closes when the first signal has arrived.
    await waitFor(() =>
      fetch(`${host.url}/hooked`).then(
        () => false,
        () => true,
      ),
    );
    await Promise.all([stopped, host.child.stop()]);
    expect(await host.child.exited).toEqual({ code: 1, signal: null });
    expect(await answer).toBe('cut off');
  });
});

describe('a start that fails', () => {
  it.each([
    ['nothing registered', '', 'registered no function'],
    ['an app that throws while it loads', 'throw new Error("broken on load");', 'broken on load'],
    [
      'a reserved route',
      `import { app } from '@azure/functions'; app.http('a', { route: 'admin/x', handler: () => ({}) });`,
      'Function "a" cannot be started',
    ],
    [
      'a trigger that is not supplied',
      `import { app } from '@azure/functions'; app.storageBlob('b', { path: 'x/{name}', connection: 'C', handler: () => {} });`,
      'trigger "blobTrigger" is not supplied locally',
    ],
    [
      'a schedule that is no NCRONTAB',
      `import { app } from '@azure/functions'; app.timer('c', { schedule: '00:05:00', handler: () => {} });`,
      'the schedule "00:05:00" is not NCRONTAB',
    ],
    [
      'a missing connection setting',
      `import { app } from '@azure/functions'; app.storageQueue('d', { queueName: 'work', connection: 'Nowhere', handler: () => {} });`,
      'The setting "Nowhere" is missing',
    ],
    [
      'a setting that a route needs',
      `import { app } from '@azure/functions'; app.http('e', { route: '%NO_SUCH%', handler: () => ({}) });`,
      '"%NO_SUCH%" is used',
    ],
  ])('says why: %s', async (_, source, reason) => {
    const folder = await mkdtemp(path.join(import.meta.dirname, '../../../fixtures/host-app/tmp-'));
    try {
      await writeFile(path.join(folder, 'app.ts'), source);
      const start = startTestHost({ app: path.join(path.basename(folder), 'app') });
      await expect(start).rejects.toThrow(reason);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('names the flag that is wrong', async () => {
    await expect(startTestHost({ app: 'hooks', args: ['--port', '70000'] })).rejects.toThrow(
      '--port must be a whole number from 0 to 65535',
    );
  });

  it('says that the port is taken', async () => {
    const first = await startTestHost({ app: 'hooks' });
    const { port } = new URL(first.url);
    const second = startTestHost({ app: 'hooks', args: ['--port', port] });
    await expect(second).rejects.toThrow('EADDRINUSE');
    await first.child.stop();
  });
});
