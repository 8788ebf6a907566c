import { must } from '../../src/local/demo/world.ts';
import { type FlowStack, startFlowStack } from '../support/flow-stack.ts';
import { waitFor } from '../support/wait-for.ts';

interface Run {
  readonly state: string;
  readonly progress: { readonly pages: number; readonly items: number };
  readonly deliveries: readonly {
    readonly state: string;
    readonly arrived: readonly { readonly where: string }[];
  }[];
}

describe('a host that is killed in the middle of its work', () => {
  let flow: FlowStack;
  beforeAll(async () => {
    flow = await startFlowStack({
      // Slow enough to be met at each of its steps.
      tenantArguments: ['--port', '0', '--items', '4000', '--files-per-folder', '20', '--latency', '150'],
      // A message that a killed host held comes back after so many seconds.
      hostArguments: ['--queue-lock', '3'],
      settings: { AzureFunctionsJobHost__extensions__queues__visibilityTimeout: '00:00:01' },
    });
  }, 60_000);
  afterAll(() => flow?.stop());

  const moments: Record<string, (run: Run) => boolean> = {
    reads: (run) => run.progress.pages >= 3,
    delivers: (run) => run.deliveries[0]?.state === 'sending',
  };

  it.each(Object.keys(moments))(
    'finishes the report that it %s after it has started again, and delivers it once',
    async (moment) => {
      const { admin, seeded } = flow.world;
      const { bigDriveId, siteDriveId } = flow.stack.tenant;
      must(bigDriveId, 'the tenant has no big drive');
      const name = `big-${moment}`;
      await admin.api('PUT', `/api/jobs/${name}`, {
        schedule: { cron: '0 6 * * 1', timeZone: 'Europe/London' },
        report: 'file-inventory',
        target: { kind: 'drive', driveId: bigDriveId },
        connection: seeded.connection,
        deliveries: [{ kind: 'drive', driveId: siteDriveId, folder: `/Killed ${name}` }],
      });
      const { id } = await admin.api<{ id: string }>('POST', `/api/jobs/${name}/runs`);
      const read = () => admin.api<Run>('GET', `/api/runs/${id}`);
      const isThere = async () => moments[moment]?.(await read());
      await waitFor(isThere, { timeout: 60_000, interval: 10 });

      await flow.stack.killHost();
      await flow.stack.startHost();

      expect((await read()).state).toBe('running');
      const run = await waitFor(
        async () => {
          const now = await read();
          return now.state === 'succeeded' || now.state === 'failed' ? now : undefined;
        },
        { timeout: 90_000 },
      );
      expect(run.state).toBe('succeeded');
      expect(run.progress.items).toBeGreaterThanOrEqual(4_000);
      const token = await flow.world.token({ audience: seeded.connection });
      const folder = await flow.world.graph(
        token.access_token,
        `/drives/${siteDriveId}/root:/${encodeURIComponent(`Killed ${name}`)}:/children?$select=name`,
      );
      const { value } = (await folder.json()) as { value: { name: string }[] };
      const arrived = run.deliveries.flatMap((each) => each.arrived.map(({ where }) => where));
      expect(value.map((item) => `/Killed ${name}/${item.name}`)).toEqual(arrived);
      expect(arrived).toHaveLength(1);
    },
    180_000,
  );

  it('finishes the operation after it has started again, and does nothing twice', async () => {
    const { admin, seeded, person } = flow.world;
    const token = await flow.world.token({ audience: seeded.connection });
    const names = Array.from({ length: 12 }, (_, index) => `Killed ${index}.docx`);
    for (const name of names) {
      const path = `/drives/${person.driveId}/root:/Inbox/${encodeURIComponent(name)}:/content`;
      const put = await flow.world.graph(token.access_token, path, { method: 'PUT', body: name });
      expect(put.status).toBe(201);
    }
    interface Operations {
      readonly value: readonly { readonly state: string; readonly item: { readonly name: string } }[];
    }
    const journal = async () => {
      const { value } = await admin.api<Operations>('GET', `/api/operations?rule=${seeded.rule}`);
      return value.filter((each) => names.includes(each.item.name));
    };
    await waitFor(async () => (await journal()).length > 0, { timeout: 30_000, interval: 10 });

    await flow.stack.killHost();
    await flow.stack.startHost();

    const done = await waitFor(
      async () => {
        const now = await journal();
        const finished = now.filter((each) => each.state === 'done');
        return finished.length === names.length ? now : undefined;
      },
      { timeout: 90_000 },
    );
    expect(done.map((each) => each.item.name).sort()).toEqual([...names].sort());
    const year = new Date().getUTCFullYear();
    const filed = await flow.world.graph(
      token.access_token,
      `/drives/${person.driveId}/root:/Filed/${year}:/children?$select=name&$top=200`,
    );
    const { value } = (await filed.json()) as { value: { name: string }[] };
    expect(
      value
        .map((item) => item.name)
        .filter((name) => name.startsWith('Killed'))
        .sort(),
    ).toEqual([...names].sort());
  }, 150_000);
});
